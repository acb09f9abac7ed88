using System.IO.Enumeration;

namespace Godwit.Broker.Sessions;

/// <summary>Patterns for client identifiers: <c>*</c> stands for any number of characters, <c>?</c> for one; case counts.</summary>
public static class ClientIdPattern
{
    /// <summary>Whether an identifier is one of those that the pattern stands for.</summary>
    public static bool Matches(string pattern, string clientId) =>
        FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), clientId, ignoreCase: false); // there \ would be an escape
}
