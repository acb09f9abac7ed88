namespace Godwit.Security.Access;

/// <summary>Compares topic filters by what they match.</summary>
internal static class FilterCover
{
    private const byte Separator = (byte)'/';

    /// <summary>Whether the one filter matches every topic that the other one matches.</summary>
    /// <param name="wide">A valid filter.</param>
    /// <param name="narrow">A valid filter.</param>
    public static bool Covers(ReadOnlySpan<byte> wide, ReadOnlySpan<byte> narrow)
    {
        if (narrow is [(byte)'$', ..] && wide is [(byte)'#' or (byte)'+', ..]) return false; // [MQTT-4.7.2-1]
        while (true)
        {
            int wideEnd = wide.IndexOf(Separator), narrowEnd = narrow.IndexOf(Separator);
            ReadOnlySpan<byte> wideLevel = wideEnd < 0 ? wide : wide[..wideEnd], narrowLevel = narrowEnd < 0 ? narrow : narrow[..narrowEnd];
            if (wideLevel is [(byte)'#']) return true;
            if (narrowLevel is [(byte)'#']) return false;
            if (wideLevel is not [(byte)'+'] && !wideLevel.SequenceEqual(narrowLevel)) return false;
            if (narrowEnd < 0) return wideEnd < 0 || wide[wideEnd..].SequenceEqual("/#"u8);
            if (wideEnd < 0) return false;
            wide = wide[(wideEnd + 1)..];
            narrow = narrow[(narrowEnd + 1)..];
        }
    }
}
