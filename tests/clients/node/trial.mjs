// Drives @segment/analytics-node: `node trial.mjs HOST KEY every`, or `… many FROM TO` with ids of its own.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey, verb, from, to] = process.argv.slice(2);
const errors = [];
const analytics = new Analytics({ writeKey, host, flushAt: verb === "many" ? 15 : 6, flushInterval: 300 });
analytics.on("error", (error) => errors.push(String(error.reason ?? error.code)));

if (verb === "every") {
  const userId = "u1";
  analytics.identify({ userId, traits: { email: "a@b.cn", name: "张三" } });
  analytics.track({ userId, event: "Order Completed", properties: { revenue: 12.5 } });
  analytics.page({ userId, name: "Home", properties: { url: "https://x/" } });
  analytics.screen({ userId, name: "Main" });
  analytics.group({ userId, groupId: "g1", traits: { plan: "pro" } });
  analytics.alias({ userId, previousId: "anon1" });
} else {
  for (let number = Number(from); number < Number(to); number++) {
    analytics.track({ userId: `u${number % 7}`, event: "Counted", properties: { number }, messageId: `node-${number}` });
  }
}
await analytics.closeAndFlush({ timeout: 60000 });
console.log(JSON.stringify({ errors }));
