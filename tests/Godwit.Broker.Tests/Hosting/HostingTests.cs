using System.Net;
using System.Net.Sockets;
using Godwit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Godwit.Broker.Tests.Hosting;

public sealed class HostingTests
{
    private static readonly ListenerOptions AnyPort = new(new IPEndPoint(IPAddress.Loopback, 0));

    [Fact]
    public async Task AddGodwitBroker_HostStartsAndStops_BrokerServesInBetween()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddGodwitBroker((_, options) => options with { Listeners = [AnyPort], Loops = 1 });
        using IHost host = builder.Build();
        await host.StartAsync();
        IPEndPoint endPoint = Assert.Single(host.Services.GetRequiredService<MqttBroker>().EndPoints);
        Assert.Equal("20020000", await ConnectAsync(endPoint));
        await host.StopAsync();
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(endPoint));
    }

    [Fact]
    public async Task StartAsync_InATest_OneLineIsEnough()
    {
        await using MqttBroker broker = await MqttBroker.StartAsync(new BrokerOptions { Listeners = [AnyPort], Loops = 2 });
        Assert.Equal("20020000", await ConnectAsync(Assert.Single(broker.EndPoints)));
    }

    [Fact]
    public async Task StartAsync_PortInUse_SaysSoAndWhatToDo()
    {
        await using MqttBroker first = await MqttBroker.StartAsync(new BrokerOptions { Listeners = [AnyPort], Loops = 1 });
        var taken = new BrokerOptions { Listeners = [new ListenerOptions(first.EndPoints[0])], Loops = 1 };
        var exception = await Assert.ThrowsAsync<Transport.ListenException>(() => MqttBroker.StartAsync(taken));
        Assert.Contains($"{first.EndPoints[0].Port}", exception.Message, StringComparison.Ordinal);
        Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketError);
    }

    private static async Task<string> ConnectAsync(IPEndPoint endPoint)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endPoint);
        await socket.SendAsync(Hex.Bytes("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 61"));
        byte[] answer = new byte[4];
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await socket.ReceiveAsync(answer, timeout.Token);
        return Convert.ToHexString(answer);
    }
}
