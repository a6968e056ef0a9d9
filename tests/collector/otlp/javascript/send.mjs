// Sends what every signal can say, with OpenTelemetry's Node SDK as its users set it up: by OTEL_* variables alone.
// What the SDK complains of goes to stderr.
import { context, diag, DiagConsoleLogger, DiagLogLevel, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { logs, SeverityNumber } from "@opentelemetry/api-logs";
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();
diag.setLogger(new DiagConsoleLogger(), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });

const tracer = trace.getTracer("shop", "1.2.3");
const values = {
  text: "Zürich ✓ 𝄞", empty: "", yes: true, no: false, whole: 42, negative: -7, large: Number.MAX_SAFE_INTEGER,
  fraction: 0.1, texts: ["a", "b"], wholes: [1, 2], flags: [true, false], fractions: [0.5, 1.5], none: [],
};
const sent = tracer.startSpan("orders send", {
  kind: SpanKind.PRODUCER,
  startTime: [1790000000, 123456789],
  attributes: { ...values, "messaging.destination.name": "orders", "messaging.message.id": 17 },
});
sent.end([1790000001, 987654321]);
const got = tracer.startSpan("orders process", {
  kind: SpanKind.CONSUMER,
  attributes: { "messaging.destination.name": "orders", "messaging.message.id": 17 },
  links: [{ context: sent.spanContext(), attributes: { position: 3 } }],
});
context.with(trace.setSpan(context.active(), got), () => {
  for (let number = 0; number < 1000; number += 1) tracer.startSpan(`child ${number}`).end();
  logs.getLogger("shop").emit({
    severityNumber: SeverityNumber.WARN, severityText: "WARN", eventName: "stock.low", timestamp: [1790000000, 5000],
    body: { sku: "A-1", left: 2, places: ["Basel", { shelf: 7 }] }, attributes: { ...values, map: { deep: { n: 1.5 } } },
  });
});
got.recordException(new TypeError("no stock"));
got.setStatus({ code: SpanStatusCode.ERROR, message: "failed" });
got.end();

const meter = metrics.getMeter("shop");
meter.createCounter("orders", { unit: "{order}", description: "sent" }).add(3, { region: "north" });
meter.createUpDownCounter("open").add(-2);
meter.createGauge("load").record(0.25);
const took = meter.createHistogram("took", { unit: "s", advice: { explicitBucketBoundaries: [1, 2] } });
for (const seconds of [0.5, 1.5, 9]) took.record(seconds);

console.log(sent.spanContext().traceId, got.spanContext().traceId, got.spanContext().spanId);
await sdk.shutdown();
