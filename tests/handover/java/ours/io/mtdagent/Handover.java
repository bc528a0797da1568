package io.mtdagent;

import io.mtdagent.internal.Doors;
import io.mtdagent.internal.Native;
import java.util.Arrays;
import java.util.List;

/** Times how a list of apps is handed over: {@code Handover} prints two medians in nanoseconds, encoding and taking. */
final class Handover {
    private static final int APPS = 500;
    /** Until the virtual machine has compiled what is called. */
    private static final int WARM = 4_000;
    private static final int ROUNDS = 2_001;

    private Handover() {
    }

    /** A way to hand over. */
    interface Way<B> {
        /** Writes the apps. */
        B encode(List<MtdApp> apps) throws Exception;

        /** Takes what was written; how many apps it was. */
        int take(B encoded) throws Exception;

        /** Drops what was taken. */
        void forget() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        // Loads the library; there is nothing to stop.
        Native.stop(0);
        time(new Way<byte[]>() {
            @Override
            public byte[] encode(List<MtdApp> apps) throws MtdException {
                return Buffer.ofApps(apps);
            }

            @Override
            public int take(byte[] encoded) {
                return Doors.parse(encoded);
            }

            @Override
            public void forget() {
                Doors.forget();
            }
        });
    }

    static <B> void time(Way<B> way) throws Exception {
        List<MtdApp> apps = Parts.apps(APPS);
        long[] encoding = new long[ROUNDS];
        long[] taking = new long[ROUNDS];
        for (int round = -WARM; round < ROUNDS; round++) {
            long begun = System.nanoTime();
            B encoded = way.encode(apps);
            long filled = System.nanoTime();
            int taken = way.take(encoded);
            long ended = System.nanoTime();
            way.forget();
            Parts.must(taken == APPS, taken + " apps were taken");
            if (round >= 0) {
                encoding[round] = filled - begun;
                taking[round] = ended - filled;
            }
        }
        System.out.println(median(encoding) + " " + median(taking));
    }

    private static long median(long[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
