using Godwit.Capture.Diagnosing;
using Godwit.Capture.Files;
using Godwit.Capture.Tests.Conversations;
using Godwit.Capture.Tests.Mqtt;

namespace Godwit.Capture.Tests.Diagnosing;

public class DiagnosisTests
{
    [Theory]
    [InlineData("connect; S 20 02 00 05; fin S; fin C", "CONNACK 5, Not authorized: the client may not connect")]
    [InlineData("connect; S 20 02 00 04; fin S; fin C", "CONNACK 4, Bad user name or password: user name or password is wrong or malformed")]
    [InlineData("connect5; S 20 03 00 84 00; fin S; fin C", "CONNACK 0x84, Unsupported Protocol Version: the server does not speak this version of MQTT")]
    [InlineData("C 10 0D 00 04 'MQTT' 04 03 00 3C 00 01 'c'; fin S; fin C", "CONNECT cannot be read")]
    [InlineData("connect; fin S; fin C", "The server closed without CONNACK")]
    [InlineData("connect; fin C; fin S", "The client did not wait for CONNACK")]
    [InlineData("start; +90; fin S; fin C", "Keep alive")]
    [InlineData("start5; S E0 01 8D; fin S; fin C", "The server says Keep Alive timeout")]
    [InlineData("start; C 30 05 00 03 'a/#'; fin S; fin C", "The topic name contains a wildcard character")]
    [InlineData("start; connect; rst S", "A second CONNECT on one connection")]
    [InlineData("C 16 03 01 02 00 01; fin S", "TLS on the plain port")]
    [InlineData("C 'GET / HTTP/1.1' 0D 0A 0D 0A", "HTTP on the port of plain MQTT")]
    public void Diagnosis_OfATroubledConnection_NamesTheLikeliestCauseFirst(string script, string title)
    {
        Diagnosis diagnosis = Diagnose(script).Single();
        Assert.Equal(title, diagnosis.Causes[0].Title);
        Assert.Equal(diagnosis.Causes.OrderByDescending(cause => cause.Rank), diagnosis.Causes);
    }

    [Theory]
    [InlineData("start; disconnect; fin C; fin S")]
    [InlineData("start; ping; lost")]
    [InlineData("start; fin C; fin S")]
    public void Diagnosis_OfAnOrdinaryEnd_IsNoTrouble(string script) => Assert.Empty(Diagnose(script));

    [Fact]
    public void Diagnosis_OfATakeOver_NamesTheOtherConnection()
    {
        Diagnosis diagnosis = Diagnose("start; #2; start; #1; fin S; fin C").Single();
        Assert.Equal("Taken over", diagnosis.Causes[0].Title);
        Assert.Equal([1, 3], diagnosis.Causes[0].Packets);
        Assert.Equal("MQTT-3.1.4-2", diagnosis.Causes[0].Statement);
    }

    [Fact]
    public void Diagnosis_OfABrokenConnect_HasTheNearestValidOne()
    {
        Diagnosis diagnosis = Diagnose("C 10 0D 00 04 'MQTT' 06 02 00 3C 00 01 'c'; fin S; fin C").Single();
        Assert.Equal("byte 8 (Protocol Level): 06 -> 04", diagnosis.Causes[0].Nearest!.Changes.Single().ToString());
        Assert.Equal("MQTT-3.1.2-2", diagnosis.Causes[0].Statement);
    }

    [Theory]
    [InlineData("mqtt31-pub-qos2.pcap", "CONNECT, CONNACK, PUBLISH, PUBREC, PUBREL, PUBCOMP, DISCONNECT", 0)]
    [InlineData("mqtt311-pub-qos1.pcap", "CONNECT, CONNACK, PUBLISH, PUBACK, DISCONNECT", 0)]
    [InlineData("mqtt5-pub-props.pcap", "CONNECT, CONNACK, PUBLISH, PUBACK, DISCONNECT", 2)] // Payload Format Indicators above 1
    public void Analysis_OfAPublicCapture_GivesItsPackets(string file, string packets, int violations)
    {
        var seen = new PacketRecorder();
        var analysis = new CaptureAnalysis([seen]);
        using FrameSource source = CaptureFile.Open(Testing.Repository.PathOf($"tests/captures/{file}"));
        analysis.Run(source);

        Assert.Equal(packets, string.Join(", ", seen.Packets.Select(packet => Protocol.PacketTypes.Name(packet.Type))));
        Assert.Equal(violations, seen.Packets.Count(packet => packet.Violation == Protocol.Violations.PropertyValue));
        Assert.Equal(violations, seen.Packets.Count(packet => packet.Violation is not null));
        Assert.Empty(analysis.Diagnoses.Diagnoses);
    }

    private static IReadOnlyList<Diagnosis> Diagnose(string script)
    {
        var scene = new Scene();
        scene.Play(script);
        return scene.Diagnoses.Diagnoses;
    }
}
