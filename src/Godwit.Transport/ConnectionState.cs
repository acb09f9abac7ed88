namespace Godwit.Transport;

/// <summary>Where a connection stands.</summary>
internal enum ConnectionState : byte
{
    /// <summary>Not open yet.</summary>
    Opening,

    /// <summary>Bytes flow both ways.</summary>
    Open,

    /// <summary>Closing: pending output leaves.</summary>
    Flushing,

    /// <summary>Closing: this side has sent its end of stream and awaits the other's.</summary>
    Finishing,

    /// <summary>Gone.</summary>
    Closed,
}
