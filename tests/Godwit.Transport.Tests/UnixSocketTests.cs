using System.Net.Sockets;

namespace Godwit.Transport.Tests;

public sealed class UnixSocketTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"godwit-{Guid.NewGuid():N}.sock");

    private UnixDomainSocketEndPoint EndPoint => new(_path);

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(TransportBackend.Epoll)]
    [InlineData(TransportBackend.Sockets)]
    public async Task UnixSocket_EchoesAndKnowsItsPeer_AndIsRemoved(TransportBackend backend)
    {
        await using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 2, Backend = backend });
        TestHandler echo = TestHandler.Echo();
        group.Listen(EndPoint, () => echo, new ListenOptions { UnixMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        group.Start();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(EndPoint);
        await client.SendAsync("hello"u8.ToArray());
        var answer = new byte[10];
        Assert.Equal(5, await client.ReceiveAsync(answer));
        TransportConnection connection = await echo.OpenedTask;

        Assert.Equal(_path, connection.RemoteEndPoint!.ToString());
        if (backend == TransportBackend.Epoll) Assert.Equal(Environment.ProcessId, connection.Peer.Unix!.ProcessId);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
        await group.StopAsync();
        Assert.False(File.Exists(_path));
    }

    [Fact]
    public async Task UnixSocket_LeftBehind_IsReplaced_InUse_IsNot()
    {
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint($"{_path}.1"));
            File.Move($"{_path}.1", _path); // disposing would remove it
        }
        Assert.True(File.Exists(_path));
        await using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1 });
        group.Listen(EndPoint, () => new TestHandler());

        Assert.Contains("it is in use", Assert.Throws<ListenException>(() => group.Listen(EndPoint, () => new TestHandler())).Message);
    }

    [Fact]
    public async Task UnixSocket_WhereAFileIs_IsNot()
    {
        File.WriteAllText(_path, "precious");
        await using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1 });

        Assert.Contains("which is no socket", Assert.Throws<ListenException>(() => group.Listen(EndPoint, () => new TestHandler())).Message);
        Assert.Equal("precious", File.ReadAllText(_path));
    }
}
