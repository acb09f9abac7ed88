namespace Godwit.Client.Connections;

/// <summary>Who is told of a connection's end; on the loop.</summary>
internal interface IConnectionOwner
{
    /// <summary>The connection is gone; the last call.</summary>
    void OnEnded(ClientConnection connection, Disconnection end);
}

/// <summary>Who is told of CONNACK; on the loop.</summary>
internal interface IConnackHandler : IConnectionOwner
{
    /// <summary>The server has accepted or refused. After a refusal the connection closes.</summary>
    void OnConnack(ClientConnection connection, ConnectResult result);
}
