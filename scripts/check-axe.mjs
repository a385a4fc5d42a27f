// Can everybody use the desk? axe-core on one page of every kind over the shipped sample, in light and dark, on a
// wide and a narrow window; nothing scrolls sideways, no error in the console, no request beyond this machine.
// Ends in any case: each page has its seconds, and so has the whole (SECONDS_MOST, 150 without it; exit 3 where it was too short).
//   node scripts/check-axe.mjs target/release/tendertrace
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHROMIUM, fetched, kinds, load, open, skip, version } from './desk.mjs';

const program = resolve(process.argv[2] ?? 'target/release/tendertrace');
if (!existsSync(program)) skip(`${program} is not built`);
if (!CHROMIUM) skip('there is no Chromium on this machine');
const folder = fetched('axe-core', 'playwright-core');
const { chromium } = await load(join(folder('playwright-core'), 'index.mjs'));
const axe = readFileSync(join(folder('axe-core'), 'axe.min.js'), 'utf8');
const ALL = Number(process.env.SECONDS_MOST ?? 150) * 1000;
const ONE = 20000;
const began = Date.now();

const desk = await open(program);
const letter = join(desk.case, 'letter.html');
execFileSync(program, ['letter', '--brand', desk.brand, '--case', desk.case, '--out', letter], { stdio: 'ignore' });
const pages = [...(await kinds(desk)), pathToFileURL(join(desk.case, 'report.html')).href, pathToFileURL(letter).href];

const faults = new Set();
const fault = (place, what) => {
  const told = `${place.replace(pathToFileURL(desk.case).href, '')}: ${what}`;
  if (!faults.has(told)) console.log(told);
  faults.add(told);
};
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-background-networking'] });
const context = await browser.newContext({ bypassCSP: false });
const page = await context.newPage();
page.setDefaultTimeout(ONE);
let place = '';
// A script of the original page that the sandbox stops is told as an error: that is the sandbox at work.
const expected = /Blocked script execution in '[^']*\/raw'|status of 4\d\d/;
page.on('console', message => message.type() === 'error' && !expected.test(message.text()) && fault(place, `console: ${message.text()}`));
page.on('pageerror', error => fault(place, `error: ${error}`));
page.on('request', request => !/^(data:|about:|blob:|file:)/.test(request.url()) && !request.url().startsWith(desk.address) && fault(place, `asked ${request.url()}`));

// Styles are in the page; to fetch them again, as axe would, waits for what the pages forbid.
/** What axe says of the page as it stands: all of it, or its colours alone. */
async function look(window, options) {
  const found = await page.evaluate(options => axe.run(document, { resultTypes: ['violations'], iframes: false, preload: false, ...options }), options);
  for (const one of found.violations.filter(one => ['serious', 'critical'].includes(one.impact))) {
    fault(place, `(${window}) ${one.impact} ${one.id}: ${one.help}; ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`);
  }
}

async function check() {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(place.startsWith('file:') ? place : desk.address + place, { waitUntil: 'domcontentloaded' });
  await page.evaluate(() => document.querySelectorAll('details').forEach(details => (details.open = true)));
  await page.evaluate(axe);
  await look('wide, light', {});
  await page.emulateMedia({ colorScheme: 'dark' });
  await look('dark', { runOnly: ['color-contrast', 'link-in-text-block'] });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 800 });
  await look('narrow', { rules: { 'color-contrast': { enabled: false } } });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 1) fault(place, `(narrow) ${over} pixels wider than the window`);
}

let looked = 0;
for (place of pages) {
  if (Date.now() - began > ALL) break;
  let clock;
  const late = new Promise((_, reject) => (clock = setTimeout(() => reject(new Error(`not done within ${ONE / 1000} s`)), ONE)));
  await Promise.race([check(), late]).catch(error => fault(place, String(error.message).split('\n')[0]));
  clearTimeout(clock);
  looked += 1;
}
console.log(`axe-core ${version(folder('axe-core'))}: ${looked} of ${pages.length} pages, wide, narrow and dark, ${faults.size} faults, ${Math.round((Date.now() - began) / 1000)} s`);
desk.end();
const end = () => process.exit(faults.size ? 1 : looked < pages.length ? 3 : 0);
setTimeout(end, 3000).unref();
await browser.close();
end();
