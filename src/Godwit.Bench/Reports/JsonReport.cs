// One JSON object. Names are those of docs/bench.md and do not change; new ones may be added. Durations are microseconds.
using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Protocol;

namespace Godwit.Bench;

/// <summary>Writes a report as JSON.</summary>
public static class JsonReport
{
    /// <summary>The report as one line, ending with a line feed.</summary>
    public static string Write(BenchReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        // Only <, > and & in HTML would need more escaping than this.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("scenario", report.Options.Scenario.Name());
            json.WriteString("description", report.Description);
            json.WriteString("broker", report.Broker);
            json.WriteString("started_at", report.StartedAt.ToString("O"));
            json.WriteNumber("elapsed_s", Round(report.Elapsed.TotalSeconds));
            json.WriteBoolean("ok", report.IsGood);
            json.WriteBoolean("interrupted", report.WasInterrupted);
            json.WriteBoolean("generator_limited", report.WasGeneratorTheLimit);
            WriteSettings(json, report.Options);
            foreach (ReportSection section in report.Sections)
            {
                json.WriteStartObject(section.Key == "broker" ? "broker_process" : section.Key);
                foreach (Figure figure in section.Figures) json.WriteNumber(figure.Key, Round(figure.Value));
                json.WriteEndObject();
            }
            WriteLatencies(json, report.Latencies);
            WriteSamples(json, report.Samples);
            json.WriteStartArray("notes");
            foreach (string note in report.Notes) json.WriteStringValue(note);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void WriteSettings(Utf8JsonWriter json, BenchOptions options)
    {
        json.WriteStartObject("settings");
        json.WriteString("version", options.Version switch { ProtocolVersion.V31 => "3.1", ProtocolVersion.V311 => "3.1.1", _ => "5" });
        json.WriteString("transport", options.Transport);
        json.WriteNumber("qos", (int)options.QoS);
        json.WriteNumber("payload_bytes", options.PayloadSize);
        json.WriteNumber("publishers", options.PublisherCount);
        json.WriteNumber("subscribers", options.SubscriberCount);
        json.WriteString("loop", options.Rate is null ? "closed" : "open");
        if (options.Rate is { } rate) json.WriteNumber("rate_per_s", rate);
        else json.WriteNumber("window", options.Window);
        json.WriteNumber("threads", options.Threads);
        json.WriteEndObject();
    }

    private static void WriteLatencies(Utf8JsonWriter json, IReadOnlyList<LatencyTable> tables)
    {
        json.WriteStartObject("latency_us");
        foreach (LatencyTable table in tables)
        {
            LatencySummary summary = table.Summary;
            json.WriteStartObject(table.Key);
            json.WriteNumber("count", summary.Count);
            json.WriteNumber("min", summary.Minimum / 1e3);
            json.WriteNumber("mean", Round(summary.Mean / 1e3));
            json.WriteNumber("p50", summary.P50 / 1e3);
            json.WriteNumber("p90", summary.P90 / 1e3);
            json.WriteNumber("p99", summary.P99 / 1e3);
            json.WriteNumber("p99_9", summary.P999 / 1e3);
            json.WriteNumber("p99_99", summary.P9999 / 1e3);
            json.WriteNumber("max", summary.Maximum / 1e3);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteSamples(Utf8JsonWriter json, IReadOnlyList<RateSample> samples)
    {
        json.WriteStartArray("samples");
        foreach (RateSample sample in samples)
        {
            json.WriteStartObject();
            json.WriteNumber("start_s", Round(sample.Start.TotalSeconds));
            json.WriteNumber("length_s", Round(sample.Length.TotalSeconds));
            json.WriteNumber("sent", sample.Sent);
            json.WriteNumber("received", sample.Received);
            json.WriteNumber("p99_us", sample.P99 / 1e3);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // What is beyond these digits is noise.
    private static double Round(double value) => Math.Round(value, 6);
}
