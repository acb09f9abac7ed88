using System.Globalization;
using System.Net;
using Godwit.Capture.Conversations;
using Godwit.Capture.Diagnosing;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Mqtt;

namespace Godwit.Capture.Tests.Conversations;

/// <summary>
/// A capture as a few words. Steps are separated by <c>;</c>: <c>C hex</c> and <c>S hex</c> are bytes from client and server, <c>+5</c> lets seconds
/// pass, <c>fin C</c>, <c>rst S</c> and <c>lost</c> end the connection, <c>#2</c> goes on with another connection, <c>gap C 100</c> loses bytes.
/// Some packets have names: see <see cref="Names"/>.
/// </summary>
internal sealed class Scene : IConversationObserver
{
    public static readonly Dictionary<string, string> Names = new()
    {
        ["connect"] = "C 10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'c'",
        ["connect-kept"] = "C 10 0D 00 04 'MQTT' 04 00 00 3C 00 01 'c'",
        ["connect5"] = "C 10 0E 00 04 'MQTT' 05 02 00 3C 00 00 01 'c'",
        ["connect-will"] = "C 10 14 00 04 'MQTT' 04 06 00 3C 00 01 'w' 00 01 'g' 00 02 'by'",
        ["connack"] = "S 20 02 00 00",
        ["connack-present"] = "S 20 02 01 00",
        ["connack5"] = "S 20 03 00 00 00",
        ["subscribe"] = "C 82 08 00 01 00 03 'a/b' 01",
        ["suback"] = "S 90 03 00 01 01",
        ["disconnect"] = "C E0 00",
        ["ping"] = "C C0 00; S D0 00",
        ["publish1"] = "C 32 07 00 03 'a/b' 00 07",
        ["puback"] = "S 40 02 00 07",
        ["publish2"] = "C 34 07 00 03 'a/b' 00 08",
        ["start"] = "connect; connack",
        ["start5"] = "connect5; connack5",
    };

    private readonly Dictionary<int, TestStream> _streams = [];
    private readonly MqttStreams _mqtt;
    private readonly int _port;
    private readonly IPAddress _server;
    private long _now;

    public Scene(int port = 1883, string server = "127.0.0.1", bool isFromBeginning = true, IConversationObserver? observer = null)
    {
        Diagnoses = new DiagnosisCollector(Findings);
        Tracker = new ConversationTracker(observer is null ? [this, Findings, Diagnoses] : [this, Findings, Diagnoses, observer]);
        _mqtt = new MqttStreams([Tracker]);
        (_port, _server, IsFromBeginning) = (port, IPAddress.Parse(server), isFromBeginning);
    }

    public bool IsFromBeginning { get; }

    public ConversationTracker Tracker { get; }

    public FindingsCollector Findings { get; } = new();

    public DiagnosisCollector Diagnoses { get; }

    public List<Exchange> Exchanges { get; } = [];

    public List<ConversationEvent> Events { get; } = [];

    public List<Conversation> Begun { get; } = [];

    public List<Conversation> Over { get; } = [];

    public void OnBegin(Conversation conversation) => Begun.Add(conversation);

    public void OnExchange(Conversation conversation, in Exchange exchange) => Exchanges.Add(exchange);

    public void OnEvent(Conversation conversation, in ConversationEvent happened) => Events.Add(happened);

    public void OnOver(Conversation conversation) => Over.Add(conversation);

    public Scene Play(string script)
    {
        int current = 1;
        var steps = new Queue<string>(script.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(Expand));
        while (steps.TryDequeue(out string? step))
        {
            if (step[0] == '#') current = int.Parse(step[1..], CultureInfo.InvariantCulture);
            else if (step[0] == '+') _now += (long)(double.Parse(step[1..], CultureInfo.InvariantCulture) * 1e9);
            else Do(StreamOf(current), step.Split(' ', 2));
        }
        return this;
    }

    /// <summary>The findings' rules, each once, in order.</summary>
    public string[] Rules => [.. Findings.Findings.Select(finding => finding.Rule.Id).Distinct()];

    private static IEnumerable<string> Expand(string step) => Names.TryGetValue(step, out string? meaning)
        ? meaning.Split(';', StringSplitOptions.TrimEntries).SelectMany(Expand)
        : [step];

    private TestStream StreamOf(int number)
    {
        if (!_streams.TryGetValue(number, out TestStream? stream)) _streams[number] = stream = new TestStream(_mqtt, IsFromBeginning, number, _port, _server);
        return stream;
    }

    private void Do(TestStream stream, string[] step)
    {
        stream.Now = _now;
        string[] rest = step.Length > 1 ? step[1].Split(' ') : [];
        switch (step[0])
        {
            case "C": stream.Client(step[1]); break;
            case "S": stream.Server(step[1]); break;
            case "fin": stream.End(SideOf(rest[0])); break;
            case "rst": stream.End(SideOf(rest[0]), StreamEnd.Reset); break;
            case "lost": stream.End(Side.Initiator, StreamEnd.Lost); break;
            case "gap": stream.Gap(SideOf(rest[0]), int.Parse(rest[1], CultureInfo.InvariantCulture)); break;
            default: throw new ArgumentException($"No such step: {step[0]}");
        }
        _now = stream.Now;
    }

    private static Side SideOf(string name) => name == "C" ? Side.Initiator : Side.Responder;
}
