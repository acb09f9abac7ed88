namespace Godwit.Session.Tests;

public class PacketIdSetTests
{
    [Fact]
    public void SET_RandomChanges_EqualsAHashSet()
    {
        RandomEvents.Check(script =>
        {
            var set = new PacketIdSet();
            var model = new HashSet<ushort>();
            foreach (byte step in script)
            {
                ushort id = (ushort)(1 + (step & 0x3F) * 1023); // far apart, so that homes collide
                if (step < 0x90) Assert.Equal(model.Add(id), set.Add(id));
                else Assert.Equal(model.Remove(id), set.Remove(id));
                Assert.Equal(model.Count, set.Count);
            }
            for (int id = 0; id <= ushort.MaxValue; id += 31) Assert.Equal(model.Contains((ushort)id), set.Contains((ushort)id));
            Assert.Equal(model.Order(), set.Order());
        });
    }

    [Fact]
    public void SET_IdentifierZero_IsNeverIn()
    {
        var set = new PacketIdSet();
        Assert.False(set.Contains(0));
        Assert.False(set.Add(0));
        set.Add(5);
        Assert.False(set.Remove(0));
        Assert.False(set.Contains(0));
        Assert.Equal(1, set.Count);
    }

    [Fact]
    public void SET_MovedToAnother_IsItsUnion()
    {
        PacketIdSet set = new(), other = new();
        foreach (ushort id in new ushort[] { 1, 2, 3 }) set.Add(id);
        set.MoveTo(ref other);
        foreach (ushort id in new ushort[] { 3, 4 }) set.Add(id);
        set.MoveTo(ref other);

        Assert.Equal(0, set.Count);
        Assert.Equal([1, 2, 3, 4], other.Order().Select(id => (int)id));
    }
}
