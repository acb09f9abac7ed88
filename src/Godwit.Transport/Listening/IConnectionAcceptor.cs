namespace Godwit.Transport;

/// <summary>Gives accepted connections their handlers.</summary>
public interface IConnectionAcceptor
{
    /// <summary>A connection has been accepted on the loop, whose thread this is; its handler's OnOpened follows.</summary>
    IConnectionHandler Accept(EventLoop loop);
}
