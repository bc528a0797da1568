package io.mtdagent;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The same apps through UniFFI: what its Kotlin bindings do, by hand in Java, since they need Kotlin's compiler. The
 * list is written into a buffer of Rust's own, big-endian, and the scaffolding's function is called over JNA with
 * direct mapping.
 */
public final class UniffiHandover implements Handover.Way<UniffiHandover.RustBuffer.ByValue> {
    static {
        Native.register(UniffiHandover.class, "handover_peer");
    }

    private final RustCallStatus status = new RustCallStatus();

    private UniffiHandover() {
    }

    /** Bytes that Rust allocated. */
    @FieldOrder({"capacity", "len", "data"})
    public static class RustBuffer extends Structure {
        public long capacity;
        public long len;
        public Pointer data;

        /** Passed as it is. */
        public static final class ByValue extends RustBuffer implements Structure.ByValue {
        }
    }

    /** How a call ended. */
    @FieldOrder({"code", "error"})
    public static final class RustCallStatus extends Structure {
        public byte code;
        public RustBuffer.ByValue error;
    }

    static native RustBuffer.ByValue ffi_handover_peer_rustbuffer_alloc(long size, RustCallStatus status);

    static native int uniffi_handover_peer_fn_func_take(RustBuffer.ByValue apps, RustCallStatus status);

    static native void uniffi_handover_peer_fn_func_forget(RustCallStatus status);

    public static void main(String[] args) throws Exception {
        Handover.time(new UniffiHandover());
    }

    @Override
    public RustBuffer.ByValue encode(List<MtdApp> apps) {
        // As UniFFI does: at most three bytes a character, allocated once, shortened by `len`.
        long most = 4;
        for (MtdApp app : apps) {
            most += most(app);
        }
        RustBuffer.ByValue buffer = ffi_handover_peer_rustbuffer_alloc(most, status);
        well();
        ByteBuffer out = buffer.data.getByteBuffer(0, buffer.capacity).order(ByteOrder.BIG_ENDIAN);
        out.putInt(apps.size());
        for (MtdApp app : apps) {
            write(out, app);
        }
        buffer.len = out.position();
        return buffer;
    }

    @Override
    public int take(RustBuffer.ByValue encoded) {
        int taken = uniffi_handover_peer_fn_func_take(encoded, status);
        well();
        return taken;
    }

    @Override
    public void forget() {
        uniffi_handover_peer_fn_func_forget(status);
        well();
    }

    private void well() {
        Parts.must(status.code == 0, "the call ended with " + status.code);
    }

    private static long most(MtdApp app) {
        long most = most(app.id) + most(app.installer) + most(app.name) + most(app.shortVersion) + most(app.version);
        most += 3 * 9 + 3 * 2 + 4;
        for (MtdApp.Signer signer : app.signers) {
            most += 5 + size(signer.sha1) + 5 + size(signer.sha256);
        }
        return most;
    }

    private static long most(String text) {
        return 5 + (text == null ? 0 : 3L * text.length());
    }

    private static long size(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static void write(ByteBuffer out, MtdApp app) {
        text(out, app.id);
        optional(out, app.installer);
        optional(out, app.name);
        optional(out, app.shortVersion);
        optional(out, app.version);
        number(out, app.bundleBytes);
        number(out, app.dynamicBytes);
        number(out, app.updatedAtMillis);
        answer(out, app.beta);
        answer(out, app.managed);
        answer(out, app.validated);
        out.putInt(app.signers.size());
        for (MtdApp.Signer signer : app.signers) {
            optional(out, signer.sha1);
            optional(out, signer.sha256);
        }
    }

    private static void text(ByteBuffer out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.putInt(utf8.length);
        out.put(utf8);
    }

    private static void optional(ByteBuffer out, String text) {
        out.put((byte) (text == null ? 0 : 1));
        if (text != null) {
            text(out, text);
        }
    }

    private static void optional(ByteBuffer out, byte[] bytes) {
        out.put((byte) (bytes == null ? 0 : 1));
        if (bytes != null) {
            out.putInt(bytes.length);
            out.put(bytes);
        }
    }

    /** All ones: not known. */
    private static void number(ByteBuffer out, long number) {
        out.put((byte) (number == -1 ? 0 : 1));
        if (number != -1) {
            out.putLong(number);
        }
    }

    private static void answer(ByteBuffer out, Boolean known) {
        out.put((byte) (known == null ? 0 : 1));
        if (known != null) {
            out.put((byte) (known ? 1 : 0));
        }
    }
}
