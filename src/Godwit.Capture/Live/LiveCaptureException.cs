namespace Godwit.Capture.Live;

/// <summary>An interface cannot be captured on. The message says why, and what to do.</summary>
public sealed class LiveCaptureException(string message) : IOException(message);
