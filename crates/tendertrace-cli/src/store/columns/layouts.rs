//! What is packed? The columns of findings, of what they say of a purchase, and of notices, with the query that
//! gives each.

/// Which columns a table has, and the query that gives them: numbers first, texts behind them.
pub struct Layout {
    pub(super) name: &'static str,
    pub(super) numbers: &'static [&'static str],
    pub(super) texts: &'static [&'static str],
    pub(super) sql: &'static str,
}

/// One row a finding, those of one contracting process together.
pub const FINDINGS: Layout = Layout {
    name: "findings",
    numbers: &["process", "notice", "n", "place", "flags"],
    texts: &["brand", "usage", "strength", "kind", "end user's kind", "region", "day", "purposes"],
    sql: "WITH placed AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM notices)
        SELECT dense_rank() OVER (ORDER BY coalesce(m.process, 'n' || t.id)), f.notice, f.n, p.place,
            (f.product IS NOT NULL) + 2 * (f.quantity IS NOT NULL) + 4 * coalesce(m.main <> t.id, 0)
                + 8 * (instr(f.objections, '\"no_purchase_shown\"') > 0),
            f.brand, f.usage, f.strength, t.buyer_kind, t.end_user_kind, t.region_code, t.event_date, f.purposes
        FROM findings f JOIN notices t ON t.id = f.notice JOIN placed p ON p.id = t.id LEFT JOIN joined m ON m.notice = t.id
        ORDER BY 1, 2, 3",
};

/// Numbers of `FINDINGS`.
pub mod finding {
    pub const PROCESS: usize = 0;
    pub const NOTICE: usize = 1;
    pub const N: usize = 2;
    /// The notice's row in `NOTICES`.
    pub const PLACE: usize = 3;
    pub const FLAGS: usize = 4;
    pub const HAS_PRODUCT: u64 = 1;
    pub const HAS_QUANTITY: u64 = 2;
    pub const IS_COPY: u64 = 4;
    pub const NO_PURCHASE: u64 = 8;
    /// Texts.
    pub const BRAND: usize = 0;
    pub const USAGE: usize = 1;
    pub const STRENGTH: usize = 2;
    pub const KIND: usize = 3;
    pub const END_USER_KIND: usize = 4;
    pub const REGION: usize = 5;
    pub const DAY: usize = 6;
    pub const PURPOSES: usize = 7;
}

/// Sellers and buyers of the findings, in the same order, by the usual names of their organisations, and the
/// sellers' organisations. People's words on names change it.
pub const NAMES: Layout = Layout {
    name: "names",
    numbers: &[],
    texts: &["seller", "buyer", "selling entity"],
    sql: "SELECT coalesce((SELECT n.name FROM spellings s JOIN entities n ON n.id = s.entity WHERE s.name = f.supplier), f.supplier),
            coalesce((SELECT n.name FROM spellings s JOIN entities n ON n.id = s.entity WHERE s.name = f.buyer), f.buyer),
            coalesce((SELECT s.entity FROM spellings s WHERE s.name = f.supplier), f.supplier)
        FROM findings f JOIN notices t ON t.id = f.notice LEFT JOIN joined m ON m.notice = t.id
        ORDER BY coalesce(m.process, 'n' || t.id), f.notice, f.n",
};

/// Texts of `NAMES`.
pub const SELLER: usize = 0;
pub const BUYER: usize = 1;
/// Its id, or the name where nobody resolved it.
pub const SELLING_ENTITY: usize = 2;

/// One row a notice, by its id.
pub const NOTICES: Layout = Layout {
    name: "notices",
    numbers: &["flags"],
    texts: &["kind", "end user's kind", "region", "day", "purposes"],
    sql: "SELECT t.readable + 2 * coalesce(m.main = t.id, t.readable) + 4 * coalesce(t.stage IN ('award', 'contract', 'acceptance'), 0)
            + 8 * (coalesce(m.items, 0) > 0) + 16 * (coalesce(m.named_items, 0) > 0),
            t.buyer_kind, t.end_user_kind, t.region_code, t.event_date, t.purposes
        FROM notices t LEFT JOIN joined m ON m.notice = t.id ORDER BY t.id",
};

/// Columns of `NOTICES`.
pub mod notice {
    pub const FLAGS: usize = 0;
    pub const READABLE: u64 = 1;
    pub const MAIN: u64 = 2;
    pub const BOUGHT: u64 = 4;
    pub const HAS_ITEMS: u64 = 8;
    pub const NAMED: u64 = 16;
    /// Texts.
    pub const KIND: usize = 0;
    pub const END_USER_KIND: usize = 1;
    pub const REGION: usize = 2;
    pub const DAY: usize = 3;
    pub const PURPOSES: usize = 4;
}

/// What the findings say of a purchase, in the order of `FINDINGS`.
pub const TRADES: Layout = Layout {
    name: "trades",
    numbers: &["quantity", "amount", "flags", "weakness"],
    texts: &["product", "supplier", "buyer", "stage", "currency", "company"],
    sql: "SELECT f.quantity, f.amount_minor,
            (f.amount_minor IS NOT NULL) + 2 * coalesce(f.amount_basis = 'line' AND f.currency IS NOT NULL, 0) + 4 * (f.via <> 'named'),
            row_number() OVER (ORDER BY CASE f.strength WHEN 'weak' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, length(f.objections) DESC, f.id),
            f.product, f.supplier, f.buyer, f.stage, f.currency, f.company
        FROM findings f JOIN notices t ON t.id = f.notice LEFT JOIN joined m ON m.notice = t.id
        ORDER BY coalesce(m.process, 'n' || t.id), f.notice, f.n",
};

/// Columns of `TRADES`.
pub mod trade {
    /// As the bits of a real number.
    pub const QUANTITY: usize = 0;
    /// In the currency's smallest units, with its sign.
    pub const AMOUNT: usize = 1;
    pub const FLAGS: usize = 2;
    /// Its place where the weakest stands first.
    pub const WEAKNESS: usize = 3;
    pub const HAS_AMOUNT: u64 = 1;
    /// Its amount, if any, is that of a line, in a known currency.
    pub const OF_LINE: u64 = 2;
    pub const INFERRED: u64 = 4;
    /// Texts.
    pub const PRODUCT: usize = 0;
    pub const SUPPLIER: usize = 1;
    pub const BUYER: usize = 2;
    pub const STAGE: usize = 3;
    pub const CURRENCY: usize = 4;
    pub const COMPANY: usize = 5;
}

/// What years and sites are counted by, in the order of `NOTICES`.
pub const SUMS: Layout = Layout {
    name: "sums",
    numbers: &["process", "total", "flags"],
    texts: &["buyer", "currency", "site", "stage"],
    sql: "SELECT dense_rank() OVER (ORDER BY coalesce(m.process, 'n' || t.id)), t.total_minor,
            coalesce(t.stage = 'award' AND t.total_minor IS NOT NULL, 0)
                + 2 * EXISTS (SELECT 1 FROM parties p WHERE p.notice = t.id AND p.role = 'supplier')
                + 4 * EXISTS (SELECT 1 FROM items i WHERE i.notice = t.id)
                + 8 * EXISTS (SELECT 1 FROM findings f WHERE f.notice = t.id)
                + 16 * EXISTS (SELECT 1 FROM gaps g WHERE g.notice = t.id AND g.kind = 'attachment_missing')
                + 32 * EXISTS (SELECT 1 FROM gaps g WHERE g.notice = t.id AND g.kind = 'masked'),
            t.buyer, t.total_currency, t.site, t.stage
        FROM notices t LEFT JOIN joined m ON m.notice = t.id ORDER BY t.id",
};

/// Columns of `SUMS`.
pub mod sum {
    pub const PROCESS: usize = 0;
    /// In the currency's smallest units, with its sign.
    pub const TOTAL: usize = 1;
    pub const FLAGS: usize = 2;
    /// It is an award and states its total.
    pub const IS_AWARDED: u64 = 1;
    pub const HAS_SUPPLIER: u64 = 2;
    pub const HAS_ITEMS: u64 = 4;
    pub const HAS_FINDINGS: u64 = 8;
    pub const WITHOUT_ATTACHMENTS: u64 = 16;
    pub const MASKED: u64 = 32;
    /// Texts.
    pub const BUYER: usize = 0;
    pub const CURRENCY: usize = 1;
    pub const SITE: usize = 2;
    pub const STAGE: usize = 3;
}
