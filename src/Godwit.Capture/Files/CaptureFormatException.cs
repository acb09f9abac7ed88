namespace Godwit.Capture.Files;

/// <summary>A file is no capture. The message says what it looks like instead, and what to do about it.</summary>
public sealed class CaptureFormatException(string message) : IOException(message);
