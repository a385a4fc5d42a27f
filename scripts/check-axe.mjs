// Can everybody use the desk? axe-core on every page of the desk over the shipped sample, in light and dark,
// on a wide and a narrow window; no error in the console, no request beyond this machine.
//   node scripts/check-axe.mjs target/release/tendertrace
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CHROMIUM, fetched, load, open, skip, version } from './desk.mjs';

const program = resolve(process.argv[2] ?? 'target/release/tendertrace');
if (!existsSync(program)) skip(`${program} is not built`);
if (!CHROMIUM) skip('there is no Chromium on this machine');
const folder = fetched('axe-core', 'playwright-core');
const { chromium } = await load(join(folder('playwright-core'), 'index.mjs'));
const axe = readFileSync(join(folder('axe-core'), 'axe.min.js'), 'utf8');
const desk = await open(program);
const pages = [
  '/', '/search', '/search?q=%E5%85%AC%E5%AE%89', '/search?q=%E5%B1%80&brand=dell', '/saved', `/notice/${desk.notice}`, `/notice/${desk.notice}/leave`,
  ...desk.findings.slice(0, 6).map(finding => `/finding/${finding}`), '/queue', '/queue?state=again', '/claims', '/questions', '/questions/brand?brand=dell',
  '/questions/publish', '/questions/funnel', '/questions/years', '/parties', '/parties?role=buyer', '/pictures', '/dossier?brand=dell',
  '/rule?kind=unknown_brand&text=x', '/nothing',
];
const text = async place => (await fetch(desk.address + place)).text();
// Every other page that the navigation and those pages lead to, one of a kind.
const kinds = new Set(pages.map(kind));
for (const place of ['/', '/parties', `/finding/${desk.findings[0]}`, ...[...(await text('/')).matchAll(/<nav[^]*?<\/nav>/g)].join().match(/href="(\/[^"]*)"/g).map(link => link.slice(6, -1))]) {
  for (const [, link] of (await text(place)).matchAll(/href="(\/[^"#]*)/g)) {
    const found = link.replaceAll('&amp;', '&');
    if (found.includes('as=') || /\.(css|js|svg|csv|xlsx)|\/api\/|\/raw/.test(found) || kinds.has(kind(found))) continue;
    kinds.add(kind(found));
    pages.push(found);
  }
}

function kind(place) {
  return place.replace(/[0-9a-f]{12,}|\d+/g, 'N').replace(/=[^&]*/g, '=');
}

const faults = new Set();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-background-networking'] });
for (const [width, scheme] of [[1280, 'light'], [1280, 'dark'], [390, 'light'], [390, 'dark']]) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  for (const place of pages) {
    const page = await context.newPage();
    const fault = what => {
      const told = `${place} (${width}, ${scheme}): ${what}`;
      if (!faults.has(told)) console.log(told);
      faults.add(told);
    };
    // A script of the original page that the sandbox stops is told as an error: that is the sandbox at work.
    const expected = /Blocked script execution in '[^']*\/raw'|status of 404/;
    page.on('console', message => message.type() === 'error' && !expected.test(message.text()) && fault(`console: ${message.text()}`));
    page.on('pageerror', error => fault(`error: ${error}`));
    page.on('request', request => !/^(data:|about:|blob:)/.test(request.url()) && !request.url().startsWith(desk.address) && fault(`asked ${request.url()}`));
    await page.goto(desk.address + place);
    await page.evaluate(() => document.querySelectorAll('details').forEach(details => (details.open = true)));
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'], iframes: false }));
    for (const one of found.violations.filter(one => ['serious', 'critical'].includes(one.impact))) {
      fault(`${one.impact} ${one.id}: ${one.help}; ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`);
    }
    await page.close();
  }
  await context.close();
}
await browser.close();
desk.end();
console.log(`axe-core ${version(folder('axe-core'))}: ${pages.length} pages in 4 windows, ${faults.size} faults`);
process.exit(faults.size ? 1 : 0);
