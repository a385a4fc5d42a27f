//! A case of every make for tests: some hundred notices with sellers, spellings, prices, copies, contracts
//! after awards and people's words, all drawn by a seed.

use super::{decisions, kept, schema};
use rusqlite::{Connection, params};
use tendertrace::rulebook::Rulebook;

/// Numbers that look drawn and are the same for a seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }

    pub fn one_of<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    /// One of these; nothing for an empty text.
    pub fn perhaps<'t>(&mut self, of: &[&'t str]) -> Option<&'t str> {
        Some(self.one_of(of)).filter(|text| !text.is_empty())
    }
}

pub const BRANDS: [&str; 3] = ["brand0", "brand1", "brand2"];
pub const KINDS: [&str; 3] = ["health", "justice", "public_security"];
pub const REGIONS: [&str; 5] = ["650100", "650200", "110000", "KZ", ""];
pub const DAYS: [&str; 6] = ["2019-05-01", "2019-05-02", "2020-01-01", "2021-03-02", "2021-12-31", ""];
pub const NAMES: [&str; 7] = ["示例甲公司", "示例甲有限公司", "样本乙公司", "虚构丙公司", "虚构丙集团", "Sample Ltd", ""];
pub const WORDS: [&str; 5] = ["服务器", "数据库软件", "交换机", "软件服务", "database server"];
pub const PURPOSES: [&str; 3] = ["[]", r#"["general_it"]"#, r#"["general_it","video_surveillance"]"#];

/// A case that a run has ended, with everything packed.
pub fn pile(seed: u64) -> Connection {
    let db = Connection::open_in_memory().unwrap();
    schema::migrate(&db).unwrap();
    let mut dice = Dice::new(seed);
    for (name, entity) in NAMES.iter().filter(|name| !name.is_empty()).zip(["e1", "e1", "e2", "e3", "e3", "e4"]).take(5) {
        db.execute("INSERT OR IGNORE INTO entities VALUES (?1, ?2, NULL, 1)", [entity, name]).unwrap();
        db.execute("INSERT INTO spellings VALUES (?1, ?2)", [name, &entity]).unwrap();
    }
    for at in 0..240 {
        notice(&db, at, &mut dice);
    }
    say(&db, &mut dice);
    kept::refresh(&db, &Rulebook::embedded()).unwrap();
    db
}

fn notice(db: &Connection, at: i64, dice: &mut Dice) {
    db.execute(
        "INSERT INTO originals (id, sha256, bytes, segment, offset, length, capture) VALUES (?1, ?2, 0, 0, 0, 0, ?1)",
        params![at, format!("sha{at}")],
    )
    .unwrap();
    let archived = dice.perhaps(&["https://archive.example/1", ""]);
    db.execute(
        "INSERT INTO captures (id, original, imported, archive_url, access, head, segment, offset, length) VALUES (?1, ?1, '', ?2, 'public', '', 0, 0, 0)",
        params![at, archived],
    )
    .unwrap();
    let stage = dice.perhaps(&["award", "award", "contract", "acceptance", "tender", ""]);
    let title = dice.perhaps(&WORDS).map(|word| format!("示例市{word}采购"));
    let project = dice.perhaps(&["数据库软件", "示例项目", ""]);
    let total = Some(dice.below(9_999) as i64).filter(|_| dice.below(2) == 0);
    db.execute(
        "INSERT INTO notices (id, original, part, readable, access, stage, title, project_name, buyer, buyer_kind, end_user_kind, region_code,
            event_date, purposes, total_minor, total_currency, site)
            VALUES (?1, ?1, 0, ?2, ?15, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            at,
            i64::from(dice.below(17) > 0),
            stage,
            title,
            project,
            dice.perhaps(&["示例市公安局", "样本医院", ""]),
            dice.perhaps(&["health", "", "justice"]),
            dice.perhaps(&["", "", "public_security"]),
            dice.perhaps(&REGIONS),
            dice.perhaps(&DAYS),
            dice.one_of(&PURPOSES),
            total,
            dice.perhaps(&["CNY", "USD", "JPY", ""]),
            dice.perhaps(&["a.example", "b.example", ""]),
            if dice.below(12) == 0 { "confidential" } else { "public" },
        ],
    )
    .unwrap();
    if dice.below(13) > 0 {
        let main = if at > 0 && dice.below(9) == 0 { at - 1 } else { at };
        db.execute(
            "INSERT INTO joined VALUES (?1, ?2, ?3, 0, ?4, ?5)",
            params![at, main, format!("p{}", at / 4), dice.below(3) as i64, dice.below(2) as i64],
        )
        .unwrap();
    }
    lines_and_parties(db, at, dice);
    for n in 0..dice.below(4) as i64 {
        finding(db, at, n, stage, dice);
    }
}

fn lines_and_parties(db: &Connection, at: i64, dice: &mut Dice) {
    for n in 0..dice.below(3) as i64 {
        db.execute("INSERT INTO items (notice, n, name, demanded) VALUES (?1, ?2, ?3, 0)", params![at, n, dice.perhaps(&WORDS)]).unwrap();
    }
    if dice.below(2) == 0 {
        let party = "INSERT INTO parties (notice, n, role, name) VALUES (?1, 0, ?2, '样本乙公司')";
        db.execute(party, params![at, dice.one_of(&["supplier", "candidate"])]).unwrap();
    }
    if dice.below(3) == 0 {
        let gap = "INSERT INTO gaps (notice, n, kind, text) VALUES (?1, 0, ?2, '')";
        db.execute(gap, params![at, dice.one_of(&["attachment_missing", "masked", "unknown_label"])]).unwrap();
    }
}

fn finding(db: &Connection, notice: i64, n: i64, stage: Option<&str>, dice: &mut Dice) {
    let amount = Some(dice.below(99_999) as i64).filter(|_| dice.below(3) > 0);
    let id = format!("{:08x}", (notice * 7 + n).wrapping_mul(2_654_435_761) as u32);
    db.execute(
        "INSERT INTO findings (notice, n, id, brand, product, company, usage, via, stage, quantity, amount_minor, currency, amount_basis, purposes,
            supplier, buyer, strength, objections, sentence, rules) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, '', '[]')",
        params![
            notice,
            n,
            id,
            dice.one_of(&BRANDS),
            dice.perhaps(&["model x", "model y", ""]),
            dice.perhaps(&["maker", ""]),
            dice.one_of(&["awarded", "awarded", "awarded", "required"]),
            dice.one_of(&["named", "named", "component"]),
            stage,
            Some(dice.below(9) as f64).filter(|_| dice.below(4) > 0),
            amount,
            dice.perhaps(&["CNY", "CNY", "JPY", ""]),
            dice.perhaps(&["line", "line", "total", ""]),
            dice.one_of(&PURPOSES),
            dice.perhaps(&NAMES),
            dice.perhaps(&["示例市公安局", "样本医院", ""]),
            dice.one_of(&["strong", "medium", "weak"]),
            dice.one_of(&["[]", r#"["unreviewed"]"#, r#"["reseller","unreviewed"]"#]),
        ],
    )
    .unwrap();
    db.execute(
        r#"INSERT INTO quotes (notice, finding, n, doc, start, "end", text) VALUES (?1, ?2, 0, 0, ?3, ?4, ?5)"#,
        params![notice, n, n * 10, n * 10 + 5, format!("quote {notice} {n}")],
    )
    .unwrap();
}

/// A word of a person on every sixth finding; some findings change afterwards.
fn say(db: &Connection, dice: &mut Dice) {
    let ids: Vec<String> = {
        let mut query = db.prepare("SELECT id FROM findings ORDER BY id").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    for id in ids.iter().filter(|_| dice.below(6) == 0).collect::<Vec<_>>() {
        let verdict = dice.one_of(&["accept", "accept", "reject", "unsure", "correct"]);
        decisions::write(db, id, &decisions::Decision { verdict, by: "a reader", note: None, correction: None }).unwrap();
        if dice.below(5) == 0 {
            db.execute("UPDATE findings SET product = 'model z' WHERE id = ?1", [id]).unwrap();
        }
    }
}
