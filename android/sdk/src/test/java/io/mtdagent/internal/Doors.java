package io.mtdagent.internal;

/** The doors that only a library built for tests has. */
public final class Doors {
    private Doors() {
    }

    /** The next pass through the entry of this name panics. */
    public static native void arm(String entry);

    /** Whether the armed entry has not been passed yet. */
    public static native boolean isArmed();

    /** Agents that have a handle. */
    public static native int handles();

    /** Bytes of memory that the library holds. */
    public static native long heap();

    /** The number of apps in a buffer, parsed; the list is kept. */
    public static native int parse(byte[] buffer);

    /** The text, as native code has understood it. */
    public static native String echo(String text);

    /** Drops the list that was parsed last. */
    public static native void forget();
}
