namespace Godwit.Broker.Storage;

/// <summary>What is wrong with a store.</summary>
public enum StoreFailure
{
    /// <summary>There is no room left. May pass.</summary>
    Full,

    /// <summary>Reading or writing failed. May pass.</summary>
    InputOutput,

    /// <summary>Somebody else holds the store. May pass.</summary>
    Busy,

    /// <summary>What is there is damaged. Does not pass.</summary>
    Damaged,

    /// <summary>It is of a newer version than this program knows. Does not pass.</summary>
    TooNew,

    /// <summary>It cannot be opened at all: no right to, no such place, no library. Does not pass.</summary>
    Unavailable,
}

/// <summary>A store could not do what it was asked. The message says what happened, why, and what to do.</summary>
/// <param name="failure">What is wrong.</param>
/// <param name="message">The sentence for people.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class StoreException(StoreFailure failure, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>What is wrong.</summary>
    public StoreFailure Failure { get; } = failure;

    /// <summary>Whether it may pass by itself, so that trying again later makes sense.</summary>
    public bool IsTransient => Failure is StoreFailure.Full or StoreFailure.InputOutput or StoreFailure.Busy;
}
