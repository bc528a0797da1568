package io.mtdagent.android;

import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.os.Looper;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Patience in real time: for handshakes and a debug build of the gateway on a busy machine. */
public final class Wait {
    static final long WITHIN_MILLIS = 60_000;

    private Wait() {
    }

    /** Waits until it gives something other than null; the main thread goes on meanwhile. */
    public static <T> T until(Callable<T> seen) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WITHIN_MILLIS);
        while (true) {
            shadowOf(Looper.getMainLooper()).idle();
            T found = seen.call();
            if (found != null) {
                return found;
            }
            assertTrue("in vain: " + seen, System.nanoTime() < end);
            Thread.sleep(50);
        }
    }
}
