import { expect, test } from "vitest";
import type { NodeForm } from "../src/api";
import { duration } from "../src/format";
import { headline, limits } from "../src/journey/entry";
import { kindName, kindOf } from "../src/journey/kinds";
import { plain, telling } from "../src/journey/rule";
import { EVERY_KIND } from "./documents";
import { speaker } from "./speak";

const en = speaker("en");
const zh = speaker("zh");

const SUMMARIES: [node: NodeForm, en: string, zh: string][] = [
  [{ wait: { for: "1h" } }, "Wait 1 hour", "等待 1 小时"],
  [{ wait: { for: "1h30m" } }, "Wait 1 hour 30 minutes", "等待 1 小时 30 分钟"],
  [{ wait: { until: "profile.traits.renewal", offset: "-3d" } }, "Wait until 3 days before renewal", "等到 renewal 之前 3 天"],
  [{ wait: { until: "profile.traits.renewal", offset: "2w" } }, "Wait until 2 weeks after renewal", "等到 renewal 之后 2 周"],
  [{ wait: { window: { days: ["fri", "sat"], from: "10:00", to: "20:00" } } }, "Wait for Friday, Saturday, 10:00–20:00", "等到周五、周六 10:00–20:00"],
  [{ listen: [{ event: "A", next: "x" }, { event: "B", next: "y" }], timeout: "1d" }, "Wait for “A” or “B”, at most 1 day", "等待事件「A」或「B」，最长 1 天"],
  [{ listen: [{ event: "A", next: "x" }] }, "Wait for “A”", "等待事件「A」"],
  [{ branch: [{ if: 'profile.traits.tier == "gold"', next: "x" }] }, "Is tier = “gold”?", "是否 tier = 「gold」？"],
  [{ branch: [{ if: "a", next: "x" }, { if: "b", next: "y" }] }, "Choose one of 3 paths", "从 3 条路径中选择"],
  [{ split: { a: "50%", b: 0.5 } }, "Split by chance: a 50% · b 50%", "随机分流：a 50% · b 50%"],
  [{ send: { channel: "email", template: "cart" } }, "Send email “cart”", "触达：邮件「cart」"],
  [{ send: { channel: "pigeon", template: "cart" } }, "Send pigeon “cart”", "触达：pigeon「cart」"],
  [{ task: { queue: "care", title: { en: "Call back", zh: "回电" } } }, "Task for care: Call back", "任务（care）：回电"],
  [{ finish: "gone" }, "The end: gone", "结束：gone"],
  [{ throttle: { rate: "5/s" } } as NodeForm, "Throttle, not built yet", "限速，尚未实现"],
];

test.each(SUMMARIES)("%j says what it does", (node, inEnglish, inChinese) => {
  expect(kindOf(node).summary(node, en, "en")).toBe(inEnglish);
  expect(kindOf(node).summary(node, zh, "zh")).toBe(inChinese);
});

test("every kind that is walked has a summary of its own in both languages", () => {
  const kinds = new Set(Object.values(EVERY_KIND.nodes).map(kindName));
  expect([...kinds].sort()).toEqual(["branch", "finish", "listen", "send", "split", "task", "wait"]);
});

test("a rule reads plainly and leaves quoted texts alone", () => {
  expect(plain('profile.traits.tier == "a && b" && event.properties.price >= 2000', en)).toBe("tier = “a && b” and price ≥ 2000");
  expect(plain("!in_segment('x') || entry.properties.n != 1", zh)).toBe("非 in_segment(「x」) 或 进入时的 n ≠ 1");
  expect(plain("event.properties.order_id == entry.properties.order_id", en)).toBe("the same order_id");
  expect(plain("entry.properties.order_id != event.properties.order_id", zh)).toBe("不同的 order_id");
  expect(plain("event.properties.a == entry.properties.ab", en)).toBe("a = ab at entry");
});

test("what tells one way from another leaves out that it is about the same run", () => {
  const same = "event.properties.order_id == entry.properties.order_id";
  expect(telling(same)).toBe("");
  expect(telling(`${same} && event.properties.score <= 6`)).toBe("event.properties.score <= 6");
  expect(telling(`${same} || event.properties.score <= 6`)).toBe(`${same} || event.properties.score <= 6`);
});

test("an entry says who comes in and how often", () => {
  const entry = { on: "event", event: "Product Added", where: "event.properties.price >= 2000", key: "event.properties.cart_id", reentry: { after: "7d" }, limit: { total: 10000, per: "day" } } as const;
  expect(headline(entry, en)).toBe("“Product Added” happens");
  expect(limits(entry, en, "en")).toEqual(["and price ≥ 2000", "one run for each cart_id · again 7 days after leaving", "at most 10,000 entries a day"]);
  expect(limits({ event: "A" }, zh, "zh")).toEqual(["每人仅一次"]);
});

test("what is no duration stays as it is written", () => {
  expect(duration("soon", en)).toBe("soon");
  expect(duration("1d", zh)).toBe("1 天");
});
