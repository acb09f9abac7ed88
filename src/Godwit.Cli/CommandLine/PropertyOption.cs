// -D COMMAND PROPERTY VALUE: the one option with several values, and with one more for user-property (-D publish user-property NAME VALUE).
using System.CommandLine;

namespace Godwit.Cli.CommandLine;

internal sealed class PropertyOption : Option<string[]>
{
    public PropertyOption() : base("--property", "-D")
    {
        Description = "Add an MQTT 5 property to a packet; user-property takes NAME VALUE";
        HelpName = "COMMAND PROPERTY VALUE";
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
        DefaultValueFactory = _ => [];
    }

    /// <summary>How many of the arguments that follow belong to it.</summary>
    public static int CountValues(IEnumerable<string> following) => following.ElementAtOrDefault(1) == "user-property" ? 4 : 3;
}
