using System.Buffers.Binary;

namespace Godwit.Storage.Salvage;

/// <summary>
/// Pages that hold nothing any more. What was delivered still stands on them, and must not come back. If the list of them is damaged, what
/// is on the rest of it does come back: better a message twice than not at all.
/// </summary>
internal static class FreePages
{
    public static HashSet<int> Read(PageFile file)
    {
        var free = new HashSet<int>();
        byte[] page = new byte[file.PageSize];
        if (!file.TryRead(1, page)) return free;
        uint trunk = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(32));
        while (trunk > 1 && trunk <= (uint)file.Count && free.Add((int)trunk) && file.TryRead((int)trunk, page))
        {
            int leaves = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(4)), (uint)((file.PageSize / 4) - 2));
            for (int i = 0; i < leaves; i++) free.Add((int)BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(8 + (4 * i))));
            trunk = BinaryPrimitives.ReadUInt32BigEndian(page);
        }
        return free;
    }
}
