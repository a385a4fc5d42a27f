// What do the checks and pictures of the desk share? A case of the shipped sample, a desk over it with some
// decisions made, and packages that are fetched into target/ and never committed.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const PACKAGES = process.env.TENDERTRACE_NODE_PACKAGES ?? join(ROOT, 'target/node');
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Ends the program with success and says why nothing was checked. */
export function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(0);
}

/** The folder of an npm package; fetched once. */
export function fetched(...names) {
  const missing = names.filter(name => !existsSync(join(PACKAGES, 'node_modules', name)));
  if (missing.length) {
    try {
      execFileSync('npm', ['install', '--prefix', PACKAGES, '--no-audit', '--no-fund', '--silent', ...missing], { stdio: 'inherit', timeout: 180000 });
    } catch {
      skip(`npm cannot fetch ${missing.join(', ')} here (no network?)`);
    }
  }
  return name => join(PACKAGES, 'node_modules', name);
}

export const load = async path => import(pathToFileURL(path));
export const version = folder => JSON.parse(readFileSync(join(folder, 'package.json'))).version;

/** A desk over the sample; `address`, ids of a finding and a notice, and `end`. */
export async function open(program, name = 'sample') {
  const folder = mkdtempSync(join(tmpdir(), 'desk-'));
  const kase = join(folder, name);
  execFileSync(program, ['trace', join(ROOT, 'truth/sample'), '--case', kase], { stdio: ['ignore', 'ignore', 'inherit'] });
  const child = spawn(program, ['serve', kase, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise(done => child.stdout.once('data', data => done(String(data))));
  const address = line.match(/http:\/\/[^/]+/)[0];
  const text = async place => (await fetch(address + place)).text();
  const findings = [...(await text('/queue')).matchAll(/\/finding\/([0-9a-f]+)\?from=queue/g)].map(found => found[1]);
  const unique = [...new Set(findings)];
  for (const [at, finding] of unique.slice(0, 6).entries()) {
    await post(address, `/finding/${finding}/decide`, { by: 'eule', verdict: at < 4 ? 'accept' : 'unsure' });
    if (at < 3) await post(address, `/finding/${finding}/decide`, { by: 'uhu', verdict: at < 2 ? 'accept' : 'reject' });
  }
  await post(address, '/claims', { by: 'eule', sentence: 'Named in an award of a police body', finding: unique[0] });
  await post(address, '/claims/1', { by: 'eule', act: 'reply', answer: 'disputed', party: 'Example Corp.', text: 'not ours', on: '2026-01-05' });
  await post(address, '/screenings', { by: 'eule', names: 'Huawei\n杭州海康威视数字技术股份有限公司\n示例甲科技有限公司', date: '2022-01-01' });
  await post(address, '/screenings/1', { by: 'uhu', verdict: 'unsure', note: 'which of them?' });
  await post(address, '/saved', { name: '公安', query: 'q=%E5%85%AC%E5%AE%89' });
  const first = await text(`/finding/${unique[0]}`);
  const [notice, brand, seller, buyer] = [/\/notice\/(\d+)/, /dossier\?brand=([^"&]+)/, /dossier\?seller=([^"&]+)/, /dossier\?buyer=([^"&]+)/].map(what => first.match(what)?.[1]);
  await post(address, '/letters', { by: 'eule', brand, warned: 'yes' });
  return { address, findings: unique, notice, brand, seller, buyer, case: kase, end: () => child.kill() };
}

/** One place of every kind of page. */
export async function kinds(desk) {
  const { notice, brand, seller, buyer, findings } = desk;
  const text = async place => (await fetch(desk.address + place)).text();
  const links = async (place, what) => [...new Set([...(await text(place)).matchAll(what)].map(found => found[1].replaceAll('&amp;', '&')))];
  const given = `brand=${brand}&buyer_kind=public_security&supplier=${seller}&buyer=${buyer}&finding=${findings[0]}&project=2&term=%E6%9C%8D%E5%8A%A1%E5%99%A8&purpose=`;
  const rules = await links('/', /href="(\/rule\?[^"]*)"/g);
  const kindsOfRule = new Set();
  return [
    '/', '/search', '/search?q=%E5%85%AC%E5%AE%89+%E6%9C%8D%E5%8A%A1%E5%99%A8', '/search?q=%E5%B1%80&brand=dell&sort=amount', '/search?q=nothingatall', '/saved',
    `/notice/${notice}`, `/notice/${notice}/leave`, ...[0, 2, 5, 9].map(at => `/finding/${findings[at]}`), '/queue', '/queue?state=again', '/claims',
    '/letters', `/letters?brand=${brand}`, `/letters?buyer=${buyer}`, `/letters/draft?brand=${brand}`, '/screenings', '/screenings?names=Huawei%0AAcme&date=2022-01-01',
    '/questions', ...(await links('/questions', /href="(\/questions\/[a-z_]+)"/g)).map(question => `${question}?${given}`), '/questions/units',
    '/parties', '/parties?role=buyer', '/parties/doubts', `/party?name=${seller}`, `/party?name=${buyer}`,
    '/pictures', ...(await links('/pictures', /href="(\/pictures\/[a-z]+)/g)), '/findings', `/findings?brand=${brand}`,
    `/dossier?brand=${brand}`, `/dossier?seller=${seller}`, `/dossier?buyer=${buyer}`, '/dossier?project=SLZC-2023-0117',
    ...rules.filter(rule => { const kind = rule.match(/kind=\w+/)?.[0]; return !kindsOfRule.has(kind) && kindsOfRule.add(kind); }), '/nothing',
  ];
}

/** Sends a form as the desk's own pages do. */
export async function post(address, place, form) {
  const answer = await fetch(address + place, { method: 'POST', redirect: 'manual', body: new URLSearchParams(form), headers: { origin: address } });
  if (answer.status !== 303) console.log(`${place} answered ${answer.status}`);
}
