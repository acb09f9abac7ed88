using System.Net;
using Godwit.Transport.Epoll;

namespace Godwit.Transport.Tests;

public sealed class SocketAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:1883")]
    [InlineData("255.254.253.252:65535")]
    [InlineData("[::1]:8883")]
    [InlineData("[2001:db8::1234]:1")]
    [InlineData("[fe80::1%7]:443")]
    public void SocketAddress_OfAnEndPoint_GivesItBack(string text)
    {
        if (!OperatingSystem.IsLinux()) return;
        IPEndPoint endPoint = IPEndPoint.Parse(text);
        Assert.Equal(endPoint, SocketAddressBytes.From(endPoint).ToEndPoint());
    }
}
