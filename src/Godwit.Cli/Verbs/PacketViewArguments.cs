// How packets are shown a line each: the same for all verbs that do so.
using System.CommandLine;
using Godwit.Capture.Views;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class PacketViewArguments
{
    private readonly Option<string?> _time = OptionTypes.Choice("--time", "WHAT", "Show times as seconds since the beginning (relative, the default), absolute, or delta: since the line before",
        ["relative", "absolute", "delta", "r", "a", "d"], "-t");
    private readonly Option<bool> _verbose = OptionTypes.Flag("--verbose", "Show all fields of each packet with their meaning", "-v");
    private readonly Option<bool> _bytes = OptionTypes.Flag("--hex", "Show all bytes of each packet with their meaning", "-x");
    private readonly Option<bool> _addresses = OptionTypes.Flag("--addresses", "Show addresses and ports in place of client identifiers", "-n");
    private readonly Option<string?> _color = OptionTypes.Choice("--color", "Whether to use colours (default auto: on a terminal)", ["auto", "always", "never"]);
    private readonly Option<bool> _showPasswords = OptionTypes.Flag("--show-passwords", "Show passwords and authentication data");
    private readonly Option<bool> _redact = OptionTypes.Flag("--redact", "Hide payloads and user names as well");

    public Option[] Options => [_time, _verbose, _bytes, _addresses, _color, _showPasswords, _redact];

    public TextViewOptions Read(ParseResult arguments, Terminal terminal) => new()
    {
        Time = arguments.GetValue(_time) switch { "absolute" or "a" => TimeStyle.Absolute, "delta" or "d" => TimeStyle.Delta, _ => TimeStyle.Relative },
        IsColoured = arguments.GetValue(_color) switch
        {
            "always" => true,
            "never" => false,
            _ => terminal.Columns > 0 && !terminal.Environment.ContainsKey("NO_COLOR"),
        },
        Width = terminal.Columns,
        ShowFields = arguments.GetValue(_verbose),
        ShowBytes = arguments.GetValue(_bytes),
        ShowAddresses = arguments.GetValue(_addresses),
        ShowPasswords = arguments.GetValue(_showPasswords),
        Redact = arguments.GetValue(_redact),
    };
}
