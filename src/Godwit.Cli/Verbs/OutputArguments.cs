// The options of sub and rr that say how messages are printed.
using System.CommandLine;
using Godwit.Cli.CommandLine;
using Godwit.Cli.OutputFormat;

namespace Godwit.Cli.Verbs;

internal sealed class OutputArguments
{
    private readonly Option<bool> _verbose = OptionTypes.Flag("--verbose", "Print the topic before the payload", "-v");
    private readonly Option<string?> _format = OptionTypes.Text("-F", "FORMAT",
        "Print so: %t topic, %p payload, %x hex, %q QoS, %r retain, %l length, %j JSON, %J JSON payload, %I time, @H:@M:@S, \\n; see docs/cli.md");
    private readonly Option<bool> _noLineEnd = OptionTypes.Flag("-N", "Print no line feed after a message");
    private readonly Option<bool> _pretty = OptionTypes.Flag("--pretty", "Indent JSON");

    public Option[] Options => [_verbose, _format, _noLineEnd, _pretty];

    /// <summary>The printer that the options ask for.</summary>
    /// <exception cref="UsageException">The format is not valid.</exception>
    public MessagePrinter CreatePrinter(ParseResult arguments, Stream output)
    {
        bool hasLineEnds = !arguments.GetValue(_noLineEnd);
        MessageFormat format =
            arguments.GetValue(_format) is { } template ? TemplateFormat.Parse(template, arguments.GetValue(_pretty), TimeProvider.System)
            : arguments.GetValue(_verbose) ? new VerboseFormat(hasLineEnds)
            : new PayloadFormat();
        return new MessagePrinter(output, format, hasLineEnds);
    }
}
