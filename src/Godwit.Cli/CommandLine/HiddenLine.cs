using System.Text;

namespace Godwit.Cli.CommandLine;

/// <summary>A line typed at the terminal that is not shown there: a password.</summary>
internal static class HiddenLine
{
    /// <summary>Reads it. Backspace takes a character back, Ctrl-U all of them.</summary>
    /// <param name="echo">Where the end of the line is shown.</param>
    public static string Read(TextWriter echo)
    {
        var line = new StringBuilder();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    echo.WriteLine();
                    return line.ToString();
                case ConsoleKey.Backspace:
                    if (line.Length > 0) line.Length--;
                    break;
                case ConsoleKey.U when key.Modifiers == ConsoleModifiers.Control:
                    line.Clear();
                    break;
                default:
                    if (!char.IsControl(key.KeyChar)) line.Append(key.KeyChar);
                    break;
            }
        }
    }
}
