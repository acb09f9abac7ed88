// Starts peers. The arguments are the drivers' own, key=value (README.md); for the mosquitto tools they are translated.
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Interop.Tests.Peers;

internal static partial class Peer
{
    private const string MessageFormat =
        @"MESSAGE\t%t\t%q\t%r\t%x\tcontent-type=%C\tresponse=%R\tcorrelation=%D\texpiry=%E\tsubscription-id=%S\tproperty=%P";

    // What follows the option is the value; a word that takes none stands alone and is for the value 1.
    private static readonly Dictionary<string, string[]> MosquittoOptions = new()
    {
        ["id"] = ["-i"],
        ["keepalive"] = ["-k"],
        ["ca"] = ["--cafile"],
        ["cert"] = ["--cert"],
        ["key"] = ["--key"],
        ["user"] = ["-u"],
        ["password"] = ["-P"],
        ["session-expiry"] = ["-x"],
        ["topic-alias-maximum"] = ["-D", "connect", "topic-alias-maximum"],
        ["will-topic"] = ["--will-topic"],
        ["will-payload"] = ["--will-payload"],
        ["will-qos"] = ["--will-qos"],
        ["will-delay"] = ["-D", "will", "will-delay-interval"],
        ["topic"] = ["-t"],
        ["file"] = ["-f"],
        ["qos"] = ["-q"],
        ["content-type"] = ["-D", "publish", "content-type"],
        ["response"] = ["-D", "publish", "response-topic"],
        ["correlation"] = ["-D", "publish", "correlation-data"],
        ["expiry"] = ["-D", "publish", "message-expiry-interval"],
        ["alias"] = ["-D", "publish", "topic-alias"],
        ["filter"] = ["-t"],
        ["subscription-id"] = ["-D", "subscribe", "subscription-identifier"],
    };

    /// <summary>Starts a peer.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="scenario">connect, publish or subscribe.</param>
    /// <param name="version">The protocol version to speak.</param>
    /// <param name="port">The broker's port.</param>
    /// <param name="settings">key=value, as README.md has them.</param>
    /// <param name="context">What else to show when the test fails.</param>
    public static PeerProcess Start(PeerKind kind, string scenario, ProtocolVersion version, int port, string[] settings, Func<string> context)
    {
        if (kind == PeerKind.Mosquitto) return StartMosquitto(scenario, version, port, settings, context);

        string[] arguments = [scenario, $"port={port}", $"version={(int)version}", .. settings];
        return kind switch
        {
            PeerKind.PahoPython => Driver(Programs.Python, [Repository.PathOf("tests/Interop/py/driver.py"), .. arguments]),
            PeerKind.MqttJs => Driver(Programs.Node, [Repository.PathOf("tests/Interop/js/driver.js"), .. arguments]),
            _ => Driver(Programs.CDriver, arguments),
        };

        PeerProcess Driver(string program, string[] all) => new(program, all, null, OutputLine.Parse, context);
    }

    private static PeerProcess StartMosquitto(string scenario, ProtocolVersion version, int port, string[] settings, Func<string> context)
    {
        string tool = scenario == "publish" ? "pub" : "sub";
        string protocol = version switch { ProtocolVersion.V31 => "31", ProtocolVersion.V311 => "311", _ => "5" };
        List<string> arguments = ["-h", "127.0.0.1", "-p", $"{port}", "-V", protocol, "-d"];
        if (tool == "sub") arguments.AddRange(["-F", MessageFormat]);
        // Neither tool connects for nothing: subscribing to a topic nobody uses comes nearest.
        if (scenario == "connect") arguments.AddRange(["-t", "interop/nothing", "-E"]);

        string payload = "", count = "";
        foreach (string setting in settings)
        {
            string[] pair = setting.Split('=', 2);
            string key = pair[0], value = pair[1];
            if (MosquittoOptions.TryGetValue(key, out string[]? option)) arguments.AddRange([.. option, value]);
            else if (key == "payload") payload = value;
            else if (key == "count") count = value;
            else if (key == "clean") arguments.AddRange(value == "0" ? ["-c"] : []);
            else if (key == "retain") arguments.AddRange(value == "1" ? ["-r"] : []);
            else if (key == "will-retain") arguments.AddRange(value == "1" ? ["--will-retain"] : []);
            else if (key == "until") arguments.AddRange(value == "0" ? ["-E"] : ["-C", value]);
            else if (key == "property") arguments.AddRange(["-D", "publish", "user-property", .. value.Split(':', 2)]);
            else throw new ArgumentException($"The mosquitto tools have nothing for {key}.", nameof(settings));
        }

        string? input = null;
        if (count.Length > 0)
        {
            var lines = new StringBuilder();
            for (int i = 0; i < int.Parse(count, CultureInfo.InvariantCulture); i++) lines.Append(payload.Replace("{i}", $"{i}")).Append('\n');
            input = lines.ToString();
            arguments.Add("-l");
        }
        else if (tool == "pub" && !arguments.Contains("-f"))
        {
            arguments.AddRange(payload.Length == 0 ? ["-n"] : ["-m", payload]);
        }
        // Into a pipe the tools print nothing before the first message, unless the C library is told to print each line at once.
        return new PeerProcess(Programs.StdBuf, ["-oL", Programs.MosquittoTool(tool), .. arguments], input, TranslateMosquitto, context);
    }

    /// <summary>What the tools print with -d, in the drivers' words.</summary>
    private static OutputLine? TranslateMosquitto(string line)
    {
        if (line.StartsWith("MESSAGE\t", StringComparison.Ordinal)) return OutputLine.Parse(line);
        if (SubscribedLine().Match(line) is { Success: true } subscribed) return new("SUBSCRIBED", [subscribed.Groups[1].Value.Replace(" ", "")]);
        if (ReceivedLine().Match(line) is not { Success: true } received) return null;
        string kind = received.Groups["packet"].Value switch { "CONNACK" => "CONNECTED", "DISCONNECT" => "DISCONNECTED", _ => "PUBLISHED" };
        return new(kind, [received.Groups["code"].Value]);
    }

    [GeneratedRegex(@"^Subscribed \(mid: \d+\): (.*)$")]
    private static partial Regex SubscribedLine();

    [GeneratedRegex(@"^(?:Client .* r|R)eceived (?<packet>CONNACK|DISCONNECT|PUBACK|PUBCOMP) \((?:Mid: \d+, RC:)?(?<code>\d+)\)$")]
    private static partial Regex ReceivedLine();
}
