using System.Text;

namespace Godwit.Transport.Tests;

public sealed class EchoTests
{
    public static TheoryData<Carrier> Carriers => [Carrier.Epoll, Carrier.Sockets, Carrier.Memory];

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Echo_ManySmallMessages_ComeBackInOrder(Carrier carrier)
    {
        await using var pairs = new Pairs(carrier);
        string sent = string.Concat(Enumerable.Range(0, 2000).Select(i => $"message {i}\n"));
        var client = new TestHandler { Expected = sent.Length };
        (TransportConnection connection, _) = await pairs.ConnectAsync(client, TestHandler.Echo());

        foreach (string part in sent.Split('\n')[..^1])
            connection.Loop.Post(() => connection.Write(Encoding.ASCII.GetBytes(part + "\n")));
        await client.Reached;

        Assert.Equal(sent, client.Text);
    }
}
