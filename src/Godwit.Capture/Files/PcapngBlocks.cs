// Numbers of the pcapng format (draft-ietf-opsawg-pcapng), shared by reader and writer.
namespace Godwit.Capture.Files;

/// <summary>Types of blocks. Others are skipped.</summary>
internal static class BlockType
{
    public const uint
        Section = 0x0a0d0d0a, Interface = 1, ObsoletePacket = 2, SimplePacket = 3, InterfaceStatistics = 5, EnhancedPacket = 6, Secrets = 10;
}

/// <summary>Codes of options; most mean something only in their own type of block.</summary>
internal static class OptionCode
{
    public const int End = 0, Comment = 1;
    public const int SectionApplication = 4;
    public const int InterfaceName = 2, InterfaceDescription = 3, TimeResolution = 9, TimeOffset = 14;
    public const int FramesDropped = 5, FramesDroppedBySystem = 7;
}
