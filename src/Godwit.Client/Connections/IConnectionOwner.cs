namespace Godwit.Client.Connections;

/// <summary>Who is told what becomes of a connection; on the loop.</summary>
internal interface IConnectionOwner
{
    /// <summary>CONNACK has come, and it is no refusal.</summary>
    void OnAccepted(ClientConnection connection, ConnectResult result);

    /// <summary>CONNACK has come with a refusal; the connection closes.</summary>
    void OnRefused(ClientConnection connection, ConnectResult result);

    /// <summary>The connection is gone, after whatever else; the last call.</summary>
    void OnEnded(ClientConnection connection, Disconnection end);
}
