namespace Godwit.Capture;

/// <summary>Kinds of links, by their number in capture files (LINKTYPE_ in the registry of tcpdump.org). Others exist: their frames are counted and skipped.</summary>
public enum LinkType
{
    /// <summary>BSD loopback: an address family in the byte order of the capturing machine, then IP.</summary>
    Null = 0,

    /// <summary>Ethernet, and what looks like it.</summary>
    Ethernet = 1,

    /// <summary>PPP, with or without HDLC framing.</summary>
    Ppp = 9,

    /// <summary>IP without a link header; this number on most systems' files of old.</summary>
    RawOld = 12,

    /// <summary>IP without a link header, in files of OpenBSD.</summary>
    RawOpenBsd = 14,

    /// <summary>PPP in HDLC-like framing.</summary>
    PppHdlc = 50,

    /// <summary>IP without a link header.</summary>
    Raw = 101,

    /// <summary>802.11, without anything before it.</summary>
    Wireless = 105,

    /// <summary>OpenBSD loopback: an address family in network byte order, then IP.</summary>
    Loop = 108,

    /// <summary>Linux "cooked" capture: what the interface <c>any</c> gives.</summary>
    LinuxCooked = 113,

    /// <summary>802.11 behind a radiotap header.</summary>
    WirelessRadiotap = 127,

    /// <summary>IPv4 without a link header.</summary>
    RawIPv4 = 228,

    /// <summary>IPv6 without a link header.</summary>
    RawIPv6 = 229,

    /// <summary>Wireshark's exported packets: the bytes of a higher protocol, and tags that say where they come from.</summary>
    ExportedPdu = 252,

    /// <summary>Linux "cooked" capture, version 2.</summary>
    LinuxCooked2 = 276,
}
