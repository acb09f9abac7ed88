namespace Godwit.Bench;

/// <summary>What one loop has counted; on that loop only.</summary>
internal sealed class Tally
{
    /// <summary>Messages published, or connections begun.</summary>
    public long Sent;

    /// <summary>Deliveries that were right and new, or connections accepted.</summary>
    public long Received;

    /// <summary>Publishes acknowledged to the end: PUBACK, or PUBCOMP.</summary>
    public long Acked;

    /// <summary>Publishes that the broker refused by a reason code.</summary>
    public long Refused;

    /// <summary>Acknowledgements that came before an older one's.</summary>
    public long AcksOutOfOrder;

    /// <summary>Acknowledgements of what was never sent, or is acknowledged already.</summary>
    public long StrayAcks;

    /// <summary>Deliveries that had come before, without the DUP flag.</summary>
    public long Duplicates;

    /// <summary>Deliveries that had come before, with the DUP flag: allowed at QoS 1.</summary>
    public long MarkedDuplicates;

    /// <summary>Deliveries that came after a later one of the same publisher.</summary>
    public long OutOfOrder;

    /// <summary>Deliveries of the wrong size, QoS, topic or content.</summary>
    public long Corrupt;

    /// <summary>Deliveries of the warm-up that came when it was over.</summary>
    public long Stragglers;

    /// <summary>Connections that could not be made.</summary>
    public long ConnectsFailed;

    /// <summary>Connections that the broker refused in CONNACK, or whose subscription it refused.</summary>
    public long ConnectsRefused;

    /// <summary>Connections that ended on their own after they had been made.</summary>
    public long ConnectionsLost;

    public void Add(Tally other)
    {
        Sent += other.Sent;
        Received += other.Received;
        Acked += other.Acked;
        Refused += other.Refused;
        AcksOutOfOrder += other.AcksOutOfOrder;
        StrayAcks += other.StrayAcks;
        Duplicates += other.Duplicates;
        MarkedDuplicates += other.MarkedDuplicates;
        OutOfOrder += other.OutOfOrder;
        Corrupt += other.Corrupt;
        Stragglers += other.Stragglers;
        ConnectsFailed += other.ConnectsFailed;
        ConnectsRefused += other.ConnectsRefused;
        ConnectionsLost += other.ConnectionsLost;
    }

    public Tally Copy()
    {
        var copy = new Tally();
        copy.Add(this);
        return copy;
    }
}
