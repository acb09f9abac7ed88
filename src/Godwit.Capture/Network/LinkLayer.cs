// From a frame to what it carries: an EtherType and where its payload begins. Tags and labels between the two are passed over.
using System.Buffers.Binary;

namespace Godwit.Capture.Network;

/// <summary>Numbers of protocols above a link.</summary>
internal static class EtherType
{
    public const int IPv4 = 0x0800, IPv6 = 0x86dd;
    public const int Vlan = 0x8100, ServiceVlan = 0x88a8, OldServiceVlan = 0x9100;
    public const int MplsUnicast = 0x8847, MplsMulticast = 0x8848, PppoeSession = 0x8864;

    /// <summary>Less than this in its place is a length: 802.3 with LLC.</summary>
    public const int Least = 0x0600;
}

internal static class LinkLayer
{
    private const int MaxTags = 8;

    /// <summary>Finds what the frame carries.</summary>
    /// <param name="link">The kind of link.</param>
    /// <param name="frame">What was captured.</param>
    /// <param name="header">How many bytes come before the IP header.</param>
    /// <param name="reason">Why there is no IP, if so.</param>
    public static bool TryFindIp(LinkType link, ReadOnlySpan<byte> frame, out int header, out SkipReason reason)
    {
        reason = SkipReason.BrokenLink;
        header = 0;
        switch (link)
        {
            case LinkType.Ethernet:
                header = 14;
                return frame.Length >= 14 && TryFollow(frame, BinaryPrimitives.ReadUInt16BigEndian(frame[12..]), ref header, ref reason);
            case LinkType.Raw or LinkType.RawOld or LinkType.RawOpenBsd or LinkType.RawIPv4 or LinkType.RawIPv6:
                return true;
            case LinkType.Null or LinkType.Loop:
                header = 4;
                return frame.Length >= 4 && TryFamily(frame, ref reason);
            case LinkType.LinuxCooked:
                header = 16;
                return frame.Length >= 16 && TryFollow(frame, BinaryPrimitives.ReadUInt16BigEndian(frame[14..]), ref header, ref reason);
            case LinkType.LinuxCooked2:
                header = 20;
                return frame.Length >= 20 && TryFollow(frame, BinaryPrimitives.ReadUInt16BigEndian(frame), ref header, ref reason);
            case LinkType.Ppp or LinkType.PppHdlc:
                return TryPpp(frame, ref header, ref reason);
            case LinkType.Wireless:
                return TryWireless(frame, ref header, ref reason);
            case LinkType.WirelessRadiotap:
                // The header's length is little-endian on all systems.
                if (frame.Length < 4) return false;
                header = BinaryPrimitives.ReadUInt16LittleEndian(frame[2..]);
                return header >= 8 && TryWireless(frame, ref header, ref reason);
            default:
                reason = SkipReason.UnknownLink;
                return false;
        }
    }

    private static bool TryFollow(ReadOnlySpan<byte> frame, int type, ref int header, ref SkipReason reason)
    {
        for (int tags = 0; tags < MaxTags; tags++)
        {
            switch (type)
            {
                case EtherType.IPv4 or EtherType.IPv6:
                    return true;
                case EtherType.Vlan or EtherType.ServiceVlan or EtherType.OldServiceVlan:
                    if (frame.Length < header + 4) return false;
                    type = BinaryPrimitives.ReadUInt16BigEndian(frame[(header + 2)..]);
                    header += 4;
                    break;
                case EtherType.MplsUnicast or EtherType.MplsMulticast:
                    return TryMpls(frame, ref header, ref reason);
                case EtherType.PppoeSession:
                    header += 6;
                    return TryPpp(frame, ref header, ref reason);
                case < EtherType.Least when IsSnap(frame, header):
                    type = BinaryPrimitives.ReadUInt16BigEndian(frame[(header + 6)..]);
                    header += 8;
                    break;
                default:
                    reason = SkipReason.NotIp;
                    return false;
            }
        }
        return false;
    }

    /// <summary>802.2 with the sub-network access protocol of Ethernet's types: AA AA 03 00 00 00.</summary>
    private static bool IsSnap(ReadOnlySpan<byte> frame, int at) =>
        frame.Length >= at + 8 && frame.Slice(at, 6).SequenceEqual((ReadOnlySpan<byte>)[0xaa, 0xaa, 0x03, 0, 0, 0]);

    /// <summary>Labels say where they end but not what follows; IP shows by its version.</summary>
    private static bool TryMpls(ReadOnlySpan<byte> frame, ref int header, ref SkipReason reason)
    {
        for (int labels = 0; labels < MaxTags && frame.Length >= header + 5; labels++)
        {
            bool bottom = (frame[header + 2] & 1) != 0;
            header += 4;
            if (!bottom) continue;
            reason = SkipReason.NotIp;
            return frame[header] >> 4 is 4 or 6;
        }
        return false;
    }

    private static bool TryFamily(ReadOnlySpan<byte> frame, ref SkipReason reason)
    {
        // In the byte order of the machine that captured, which is not necessarily the file's. No family is larger than 255.
        uint family = BinaryPrimitives.ReadUInt32BigEndian(frame);
        if (family > 0xffff) family = BinaryPrimitives.ReverseEndianness(family);
        reason = SkipReason.NotIp;
        return family is 2 or 10 or 24 or 28 or 30; // AF_INET, and AF_INET6 of Linux, NetBSD, FreeBSD and Darwin
    }

    private static bool TryPpp(ReadOnlySpan<byte> frame, ref int header, ref SkipReason reason)
    {
        if (frame.Length < header + 5) return false;
        if (frame[header] is 0xff or 0x0f) header += 2; // address and control of the HDLC framing
        int protocol = frame[header++];
        if ((protocol & 1) == 0) protocol = protocol << 8 | frame[header++]; // otherwise compressed to one byte
        reason = SkipReason.NotIp;
        return protocol is 0x0021 or 0x0057;
    }

    private static bool TryWireless(ReadOnlySpan<byte> frame, ref int header, ref SkipReason reason)
    {
        reason = SkipReason.Wireless;
        if (frame.Length < header + 24) return false;
        int control = frame[header], flags = frame[header + 1];
        const int Protected = 0x40, Order = 0x80, BothDs = 0x03, Qos = 0x80, NoData = 0x40;
        if ((control & 0x0c) != 0x08 || (control & NoData) != 0 || (flags & Protected) != 0) return false;
        int start = header + 24 + ((flags & BothDs) == BothDs ? 6 : 0) + ((control & Qos) != 0 ? 2 : 0) + ((control & Qos) != 0 && (flags & Order) != 0 ? 4 : 0);
        header = start + 8;
        return IsSnap(frame, start) && TryFollow(frame, BinaryPrimitives.ReadUInt16BigEndian(frame[(start + 6)..]), ref header, ref reason);
    }
}
