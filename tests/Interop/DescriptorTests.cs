// More clients than there are open files allowed: those who are there go on, the others wait or are turned away, and the broker lives. A .NET process
// that has no descriptor left is ended by its runtime ("Out of memory"), whichever file it wanted to open.
using System.Net;
using System.Net.Sockets;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

public class DescriptorTests
{
    private const int Descriptors = 400, Clients = 600;

    [Fact]
    public async Task CONNECT_MoreThanOpenFilesAllowed_BrokerGoesOn()
    {
        await using GodwitProcess broker = await GodwitProcess.StartAsync(Descriptors);
        byte[] connect = ConnectPacketOf();
        var clients = new List<Socket>();
        try
        {
            for (int i = 0; i < Clients; i++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = 5000, ReceiveTimeout = 5000 };
                clients.Add(client);
                client.Connect(IPAddress.Loopback, broker.Port); // the backlog takes those whom the broker does not
                client.Send(connect);
            }
            byte[] answer = new byte[8];
            Assert.Equal(4, clients[0].Receive(answer));
            await broker.LoggedAsync("run out of file descriptors");

            clients[0].Send([0xC0, 0]);

            Assert.Equal(2, clients[0].Receive(answer)); // PINGRESP
        }
        finally
        {
            foreach (Socket client in clients) client.Dispose();
        }
        await broker.LoggedAsync("Accepting connections on");
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
        late.Connect(IPAddress.Loopback, broker.Port);
        late.Send(connect);
        Assert.Equal(4, late.Receive(new byte[8]));
        Assert.Equal(0, await broker.StopAsync());
    }

    private static byte[] ConnectPacketOf()
    {
        var connect = new ConnectPacket { Version = ProtocolVersion.V311, CleanStart = true };
        byte[] bytes = new byte[connect.Length];
        connect.Write(bytes);
        return bytes;
    }
}
