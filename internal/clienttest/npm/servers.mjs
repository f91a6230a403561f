// Sends the same few things through each client for servers, as its documentation says to. What each client is
// given comes as JSON on standard input: by its name, the address to send to and the key.
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { LoggerProvider, BatchLogRecordProcessor } from "@opentelemetry/sdk-logs";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { CloudEvent, HTTP, httpTransport, emitterFor, Mode } from "cloudevents";
import { PostHog } from "posthog-node";
import { text } from "node:stream/consumers";

const when = new Date("2026-03-20T09:30:00.250Z");
const post = { object_type: "post", object_id: "hello", tags: ["welcome"], words: 12, nested: { a: [1, "two"] } };
const page = { url: "https://example.org/posts/hello?utm_source=news", title: "Hello", referrer: "https://search.example/" };

const clients = {
  async "analytics-node"({ base, key }) {
    const analytics = new Analytics({ writeKey: key, host: base, flushAt: 6 });
    const ids = { userId: "ada", anonymousId: "laptop", timestamp: when };
    const context = { traits: { role: "member" } };
    analytics.identify({ ...ids, traits: { role: "member", plan: "pro" } });
    analytics.track({ ...ids, context, event: "Post Created", properties: post });
    analytics.page({ ...ids, name: "Hello", properties: page });
    analytics.screen({ ...ids, name: "Main" });
    analytics.group({ ...ids, groupId: "acme", traits: { name: "Acme" } });
    analytics.alias({ userId: "ada", previousId: "old-laptop", timestamp: when });
    await analytics.closeAndFlush({ timeout: 20000 });
  },

  async "rudder-sdk-node"({ base, key }) {
    const rudder = new RudderAnalytics(key, { dataPlaneUrl: base, flushAt: 20, flushInterval: 200 });
    const ids = { userId: "ada", anonymousId: "laptop", originalTimestamp: when };
    rudder.identify({ ...ids, traits: { role: "member", plan: "pro" } });
    rudder.track({ ...ids, event: "Post Created", properties: post });
    rudder.page({ ...ids, name: "Hello", properties: page });
    rudder.screen({ ...ids, name: "Main" });
    rudder.group({ ...ids, groupId: "acme", traits: { name: "Acme" } });
    rudder.alias({ userId: "ada", previousId: "old-laptop", originalTimestamp: when });
    await new Promise((done, failed) => rudder.flush((error) => (error ? failed(error) : done())));
  },

  async "posthog-node"({ base, key }) {
    const posthog = new PostHog(key, { host: base, flushAt: 20, fetchRetryDelay: 200 });
    posthog.identify({ distinctId: "ada", properties: { $set: { role: "member", plan: "pro" }, $set_once: { source: "news" } } });
    posthog.capture({ distinctId: "ada", event: "post created", timestamp: when, properties: post, groups: { company: "acme" } });
    posthog.capture({ distinctId: "ada", event: "$pageview", timestamp: when, properties: { $current_url: page.url, title: page.title, $referrer: page.referrer } });
    posthog.groupIdentify({ groupType: "company", groupKey: "acme", properties: { name: "Acme" } });
    posthog.alias({ distinctId: "ada", alias: "laptop" });
    await posthog.shutdown(20000);
  },

  async "cloudevents-js"({ base, key }) {
    const send = (mode, more) =>
      emitterFor(httpTransport(base + "/cloudevents?key=" + key), { mode })(
        new CloudEvent({ source: "/blog", time: when.toISOString(), data: { user_id: "ada", words: 12 }, ...more }));
    await send(Mode.BINARY, { id: "1", type: "org.example.post.created", subject: "post/hello", sessionid: "s1" });
    await send(Mode.STRUCTURED, { id: "2", type: "org.example.post.deleted", subject: "post/hello" });
    await send(Mode.STRUCTURED, { id: "2", type: "org.example.post.deleted", subject: "post/hello" }); // again
    const { headers, body } = HTTP.binary(new CloudEvent({ id: "3", type: "page_view", source: "/blog", time: when.toISOString(), data: page }));
    await fetch(base + "/api/v1/events", { method: "POST", body, headers: { ...headers, authorization: "Bearer " + key } });
  },

  async "otlp-js"({ base, key }) {
    const exporter = new OTLPLogExporter({ url: base + "/v1/logs", headers: { authorization: "Bearer " + key } });
    const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] });
    const attributes = { "user.id": "ada", "session.id": "s1", "object.type": "post", "object.id": "hello", words: 12, nested: { a: [1, "two"] } };
    const logger = provider.getLogger("test");
    logger.emit({ eventName: "post.created", timestamp: when, severityNumber: SeverityNumber.INFO, attributes });
    logger.emit({ body: "a line of a log, and no event", timestamp: when });
    await provider.forceFlush();
    await provider.shutdown();
  },
};

const given = JSON.parse(await text(process.stdin));
const outcomes = await Promise.allSettled(Object.entries(clients).map(async ([name, send]) => {
  try {
    await send(given[name]);
  } catch (error) {
    console.error(name + ":", error);
    throw error;
  }
}));
process.exit(outcomes.some(({ status }) => status === "rejected") ? 1 : 0);
