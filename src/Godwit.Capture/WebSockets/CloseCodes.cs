namespace Godwit.Capture.WebSockets;

/// <summary>Status codes of close frames: RFC 6455, section 7.4, and the registry of IANA.</summary>
internal static class CloseCodes
{
    public const int Normal = 1000, GoingAway = 1001;

    /// <summary>What a code means.</summary>
    public static string Explain(int code) => code switch
    {
        Normal => "normal",
        GoingAway => "going away: a server that stops, or a web page that is left",
        1002 => "protocol error",
        1003 => "a kind of data that it does not take",
        1007 => "data that is not what its kind says",
        1008 => "against the policy: often not authorised",
        1009 => "a message that is too big",
        1010 => "the client misses an extension",
        1011 => "an error inside the server",
        1012 => "the server restarts",
        1013 => "try again later: the server is overloaded",
        1014 => "a bad gateway: the server behind it cannot be reached, or gives a wrong answer",
        1004 or 1005 or 1006 or 1015 => "a code that must not be sent",
        >= 3000 and <= 3999 => "of a library or framework",
        >= 4000 and <= 4999 => "of the application",
        _ => "a code that does not exist",
    };
}
