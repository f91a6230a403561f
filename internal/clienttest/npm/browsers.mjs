// Opens pages in a browser, as a visitor does: waits until each has said what it has to say, and leaves it. Standard
// input is JSON: the path of the browser, a folder for its profile, and the addresses of the pages.
import { chromium } from "playwright-core";
import { text } from "node:stream/consumers";

const { browser, profile, pages } = JSON.parse(await text(process.stdin));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: browser,
  headless: true,
  // The clients send nothing for what looks like a robot.
  userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-blink-features=AutomationControlled"],
});

async function visit(address) {
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(address, error.message));
  page.on("console", (message) => console.error(address, message.type(), message.text()));
  await page.goto(address, { referer: "https://search.example/" });
  await page.waitForFunction(() => window.said, null, { timeout: 30000 });
  await page.goto("about:blank");
}

try {
  await Promise.all(pages.map(visit));
  await new Promise((resolve) => setTimeout(resolve, 500)); // what was sent on leaving is on its way
} finally {
  await context.close();
}
