// What does the desk look like? Pictures for the README from the shipped sample, in docs/pictures/.
//   node scripts/screenshots.mjs target/release/tendertrace
import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CHROMIUM, ROOT, fetched, load, open, skip } from './desk.mjs';

const program = resolve(process.argv[2] ?? 'target/release/tendertrace');
if (!CHROMIUM) skip('there is no Chromium on this machine');
const folder = fetched('playwright-core');
const { chromium } = await load(join(folder('playwright-core'), 'index.mjs'));
const desk = await open(program);
const out = join(ROOT, 'docs/pictures');
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
const shots = [
  ['search', '/search?q=%E5%85%AC%E5%AE%89+%E6%9C%8D%E5%8A%A1%E5%99%A8'],
  ['finding', `/finding/${desk.findings[0]}`],
  ['notice', `/notice/${desk.notice}`],
  ['pictures', '/pictures/network'],
];
for (const [name, place] of shots) {
  await page.goto(desk.address + place, { waitUntil: 'domcontentloaded', timeout: 120000 });
  const file = join(out, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(`${name}.png ${Math.round(statSync(file).size / 1024)} kB`);
}
await browser.close();
desk.end();
