namespace Godwit.Capture.Files;

/// <summary>Goes through the options of a block: code, length, value, padded to four bytes. What is cut off ends it.</summary>
internal ref struct PcapngOptions(ReadOnlySpan<byte> options, ByteOrderReader order)
{
    private ReadOnlySpan<byte> _rest = options;

    public int Code { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public bool MoveNext()
    {
        if (_rest.Length < 4) return false;
        int length = order.UInt16(_rest, 2);
        Code = order.UInt16(_rest, 0);
        if (Code == OptionCode.End || length > _rest.Length - 4) return false;
        Value = _rest.Slice(4, length);
        _rest = _rest[Math.Min(4 + Padded(length), _rest.Length)..];
        return true;
    }

    public static int Padded(int length) => length + 3 & ~3;
}
