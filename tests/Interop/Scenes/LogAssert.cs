using Xunit.Sdk;

namespace Godwit.Interop.Tests.Scenes;

internal static class LogAssert
{
    /// <summary>The words are in the log, one behind the other.</summary>
    public static void InOrder(string log, params string[] words)
    {
        int position = 0;
        foreach (string wanted in words)
        {
            int found = log.IndexOf(wanted, position, StringComparison.Ordinal);
            if (found < 0) throw new XunitException($"'{wanted}' does not follow in the log:\n{log}");
            position = found + wanted.Length;
        }
    }
}
