package io.mtdagent;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;

/** Keys of the JDK's own provider, in files, so that they outlive a process. */
class JdkKeys implements MtdKeyStore {
    private final File folder;

    JdkKeys(File folder) {
        this.folder = folder;
        folder.mkdirs();
    }

    @Override
    public PublicHalf find(Slot slot) throws MtdException {
        byte[] spki = read(slot + ".spki");
        return spki == null ? null : new PublicHalf(spki, Protection.SANDBOX);
    }

    @Override
    public PublicHalf make(Slot slot) throws MtdException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            write(slot + ".key", pair.getPrivate().getEncoded());
            write(slot + ".spki", pair.getPublic().getEncoded());
            return new PublicHalf(pair.getPublic().getEncoded(), Protection.SANDBOX);
        } catch (GeneralSecurityException none) {
            throw MtdException.keyUnsupported();
        }
    }

    @Override
    public byte[] sign(Slot slot, byte[] message) throws MtdException {
        byte[] key = read(slot + ".key");
        if (key == null) {
            throw MtdException.keyGone();
        }
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)));
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException fault) {
            throw MtdException.keyStoreBusy();
        }
    }

    @Override
    public void destroy(Slot slot) {
        new File(folder, slot + ".key").delete();
        new File(folder, slot + ".spki").delete();
    }

    @Override
    public byte[] dataKey() throws MtdException {
        byte[] key = read("data");
        if (key == null) {
            key = new byte[32];
            new SecureRandom().nextBytes(key);
            write("data", key);
        }
        return key;
    }

    @Override
    public void destroyDataKey() throws MtdException {
        new File(folder, "data").delete();
    }

    private byte[] read(String name) throws MtdException {
        File file = new File(folder, name);
        try {
            return file.exists() ? Files.readAllBytes(file.toPath()) : null;
        } catch (IOException fault) {
            throw MtdException.keyStoreBusy();
        }
    }

    private void write(String name, byte[] bytes) throws MtdException {
        try {
            Files.write(new File(folder, name).toPath(), bytes);
        } catch (IOException fault) {
            throw MtdException.keyStoreBusy();
        }
    }
}
