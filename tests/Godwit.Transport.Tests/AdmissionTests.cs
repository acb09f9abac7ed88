// The door of a listener with real sockets, on both backends: who is asked, who is turned away, and that what has been counted is given back.
using System.Net;
using System.Net.Sockets;
using Godwit.Testing;
using Godwit.Transport.Tls;

namespace Godwit.Transport.Tests;

public sealed class AdmissionTests
{
    [Theory]
    [InlineData(TransportBackend.Automatic)]
    [InlineData(TransportBackend.Sockets)]
    public async Task Accepted_NotAdmitted_IsClosedWithoutBeingRead(TransportBackend backend)
    {
        var admission = new Admission { Admits = false };
        await using EventLoopGroup group = Listen(backend, new ListenOptions { Admission = admission }, out Listener listener, out _);
        using Socket socket = await ConnectAsync(listener);

        Assert.True(await IsClosedAsync(socket));
        Assert.Equal((IPAddress.Loopback, 0, 0), (admission.Asked!, listener.ConnectionCount, listener.OpeningCount));
    }

    [Theory]
    [InlineData(TransportBackend.Automatic)]
    [InlineData(TransportBackend.Sockets)]
    public async Task Connections_MoreThanAllowed_AreClosedUntilOneHasGone(TransportBackend backend)
    {
        var admission = new Admission();
        await using EventLoopGroup group = Listen(backend, new ListenOptions { MaximumConnections = 1, Admission = admission }, out Listener listener, out TestHandler server);
        using (Socket first = await ConnectAsync(listener))
        {
            await server.OpenedTask;
            using Socket second = await ConnectAsync(listener);
            Assert.True(await IsClosedAsync(second));
            Assert.Equal(NoRoom.Connections, admission.Full);
        }
        await server.ClosedTask;

        Assert.Equal((0, 1), (listener.ConnectionCount, admission.Ended));
    }

    [Fact]
    public async Task Handshakes_AllWorkersBusy_NoLoopWaitsForThem()
    {
        using var certificates = new TestCertificates();
        await using var pair = new TlsPair(new TlsServerOptions { Certificates = [new CertificateFiles(certificates.Make("server").File)] });
        Listener plain = pair.Group.Listen(Pairs.Loopback, TestHandler.Echo);
        int workers = Math.Max(1, Environment.ProcessorCount / 2);
        using var busy = new CountdownEvent(workers);
        using var free = new ManualResetEventSlim();
        for (int i = 0; i < workers; i++)
        {
            HandshakeQueue.Shared.Post(() =>
            {
                busy.Signal();
                free.Wait(TestHandler.Patience);
            });
        }
        Assert.True(busy.Wait(TestHandler.Patience));
        TestHandler[] storm = [.. Enumerable.Range(0, 20).Select(_ => new TestHandler())];
        foreach (TestHandler client in storm) pair.Begin(client, new TlsClientOptions("localhost") { CaFiles = [certificates.CaFile] });

        using Socket bystander = await ConnectAsync(plain);
        await bystander.SendAsync("hello"u8.ToArray());
        Assert.NotEqual(0, await bystander.ReceiveAsync(new byte[5]).WaitAsync(TestHandler.Patience)); // on the loop that has the storm
        Assert.DoesNotContain(storm, client => client.OpenedTask.IsCompleted);

        free.Set();
        await Task.WhenAll(storm.Select(client => client.OpenedTask));
    }

    private static EventLoopGroup Listen(TransportBackend backend, ListenOptions options, out Listener listener, out TestHandler server)
    {
        var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Backend = backend });
        TestHandler handler = server = new TestHandler();
        listener = group.Listen(Pairs.Loopback, () => handler, options);
        group.Start();
        return group;
    }

    private static async Task<Socket> ConnectAsync(Listener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.LocalEndPoint);
        return socket;
    }

    private static async Task<bool> IsClosedAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]).WaitAsync(TestHandler.Patience) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private sealed class Admission : IAdmission, IAddressPlace
    {
        private int _ended;

        public bool Admits { get; init; } = true;

        public IPAddress? Asked { get; private set; }

        public NoRoom? Full { get; private set; }

        public int Ended => Volatile.Read(ref _ended);

        public bool TryAdmit(EventLoop loop, IPAddress address, Arrival arrival, out IAddressPlace? place)
        {
            Asked = address;
            place = Admits ? this : null;
            return Admits;
        }

        public void OnNoRoom(NoRoom reason, IPAddress? address) => Full = reason;

        public bool OnEstablished() => true;

        public void OnEnded() => Interlocked.Increment(ref _ended);
    }
}
