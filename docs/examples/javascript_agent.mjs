// A plain JavaScript program: an agent that calls a model and a tool, told in OpenTelemetry's names for it.
import { SpanKind, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";

// Sends to OTEL_EXPORTER_OTLP_ENDPOINT, and names itself by OTEL_SERVICE_NAME.
const sdk = new NodeSDK();
sdk.start();
const tracer = trace.getTracer("agent");

const within = (name, attributes, work, kind = SpanKind.INTERNAL) =>
  tracer.startActiveSpan(name, { attributes, kind }, async (span) => {
    try {
      return await work(span);
    } finally {
      span.end();
    }
  });

// What a model or a tool would take; without it all begin in the same millisecond.
const work = () => new Promise((done) => setTimeout(done, 5));

const chat = (input, output) =>
  within(
    "chat echo-1",
    {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "echo-1",
      "gen_ai.usage.input_tokens": input,
      "gen_ai.usage.output_tokens": output,
    },
    work,
    SpanKind.CLIENT,
  );

await within(
  "invoke_agent weather",
  { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "weather", "gen_ai.conversation.id": "talk-5" },
  async () => {
    await chat(12, 3);
    await within("execute_tool look", { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look" }, work);
    await chat(20, 9);
  },
);
await sdk.shutdown();
console.log("It rains.");
