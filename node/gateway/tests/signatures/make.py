#!/usr/bin/env python3
"""Makes the signed messages beside it, with tools that are not ours: xmlsec1 and OpenSSL.

xmlsec1 (1.2 or later) signs with RSA and SHA-1, and shows the canonical bytes of what it signs. It does not know
SM2 with SM3: there the same bytes, with customs' names for the algorithms, are hashed and signed by OpenSSL 3. All
content is invented. Every call makes new keys; the private ones are thrown away.
"""

import base64
import pathlib
import re
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
DSIG = "http://www.w3.org/2000/09/xmldsig#"
CUSTOMS = "http://www.chinaport.gov.cn/2022/04/xmldsig#"

SIGNATURE = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></ds:CanonicalizationMethod>
<ds:SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"/>
<ds:Reference URI="">
<ds:Transforms>
<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
</ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/>
<ds:DigestValue/>
</ds:Reference>
</ds:SignedInfo>
<ds:SignatureValue/>
<ds:KeyInfo><ds:KeyName>0001</ds:KeyName><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo>
</ds:Signature>"""

PLAIN = """<?xml version="1.0" encoding="UTF-8"?>
<ceb:CEB411Message guid="00000000-0000-0000-0000-00000000411A" version="1.0" xmlns:ceb="http://www.chinaport.gov.cn/ceb">
\t<ceb:Payment>
\t\t<ceb:PaymentHead>
\t\t\t<ceb:guid>00000000-0000-0000-0000-00000000411A</ceb:guid>
\t\t\t<ceb:appType>1</ceb:appType>
\t\t\t<ceb:appTime>20261123160000</ceb:appTime>
\t\t\t<ceb:appStatus>2</ceb:appStatus>
\t\t\t<ceb:payCode>TESTPAYMENT01</ceb:payCode>
\t\t\t<ceb:payName>虚构支付企业</ceb:payName>
\t\t\t<ceb:payTransactionId>PAY0001</ceb:payTransactionId>
\t\t\t<ceb:orderNo>KH0001</ceb:orderNo>
\t\t\t<ceb:ebpCode>TESTPLATFORM01</ceb:ebpCode>
\t\t\t<ceb:ebpName>虚构电商平台</ceb:ebpName>
\t\t\t<ceb:payerIdType>1</ceb:payerIdType>
\t\t\t<ceb:payerIdNumber>00000019700101001X</ceb:payerIdNumber>
\t\t\t<ceb:payerName>测试某甲</ceb:payerName>
\t\t\t<ceb:amountPaid>118.50</ceb:amountPaid>
\t\t\t<ceb:currency>142</ceb:currency>
\t\t\t<ceb:payTime>20261123155900</ceb:payTime>
\t\t</ceb:PaymentHead>
\t</ceb:Payment>
\t<ceb:BaseTransfer>
\t\t<ceb:copCode>TESTPAYMENT01</ceb:copCode>
\t\t<ceb:copName>虚构支付企业</ceb:copName>
\t\t<ceb:dxpMode>DXP</ceb:dxpMode>
\t\t<ceb:dxpId>DXPTEST000000001</ceb:dxpId>
\t</ceb:BaseTransfer>
SIGNATURE
</ceb:CEB411Message>
"""

# Everything that a canonical form must settle: line ends, comments, CDATA, references, quotes, the order of
# attributes and namespaces, namespaces declared again, undone and never used, empty elements.
ODD = PLAIN.replace("ceb:", "").replace("xmlns:ceb=", "xmlns=").replace("\n", "\r\n")
ODD = ODD.replace(
    '<CEB411Message guid="00000000-0000-0000-0000-00000000411A" version="1.0" ',
    "<!-- before --><CEB411Message  version='1.0'\r\n\tguid=\"00000000-0000-0000-0000-00000000411A\" "
    'xsi:schemaLocation="http://www.chinaport.gov.cn/ceb  a&#x9;b&#xA;c&#xD;d\te.xsd" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" a:z="1" b:a="&lt;&gt;&amp;&quot;&apos;" '
    'xmlns:b="http://example.org/1" xmlns:a="http://example.org/2" ',
)
ODD = ODD.replace("PAY0001", "P<!-- inside -->AY<![CDATA[00]]>&#48;&#x31;")
ODD = ODD.replace(
    "<payTime>20261123155900</payTime>",
    '<payTime>20261123155900</payTime><telephone/><note>a &amp; b &lt; c > d ]]&gt; "e" \'f\' &#xD;<![CDATA[<g>&h]]></note>',
)
ODD = ODD.replace(
    "</BaseTransfer>",
    '</BaseTransfer><ExtendMessage><name>x</name><version>1</version><Message><y:any xmlns:y="http://example.org/3" '
    'xmlns:ceb="http://www.chinaport.gov.cn/ceb"><deep xmlns=""><deeper xmlns=""/><again xmlns="http://example.org/3" '
    'y:q="2" p="1"/></deep></y:any></Message></ExtendMessage>',
)


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, **more).stdout


def certificate(folder, name, *algorithm):
    key, file = folder / f"{name}.key", folder / f"{name}.crt"
    run("openssl", "genpkey", *algorithm, "-out", str(key))
    digest = ["-sm3", "-sigopt", "distid:1234567812345678"] if name == "sm2" else ["-sha256"]
    run("openssl", "req", "-x509", "-new", "-key", str(key), "-out", str(file), "-days", "36500", "-subj",
        "/C=CN/O=虚构企业/CN=测试证书", "-utf8", *digest)
    der = run("openssl", "x509", "-in", str(file), "-outform", "DER")
    return key, file, base64.b64encode(der).decode()


def lines(text):
    return "\n" + "\n".join(re.findall(".{1,76}", text)) + "\n"


def by_xmlsec(folder, template, key, crt, wrapped):
    """The signed message, and the canonical bytes of message and SignedInfo as xmlsec1 sees them."""
    source, target = folder / "template.xml", folder / "signed.xml"
    filled = template.replace("<ds:X509Certificate/>", f"<ds:X509Certificate>{wrapped}</ds:X509Certificate>")
    source.write_bytes(filled.encode())
    said = run("xmlsec1", "--sign", "--store-references", "--store-signatures", "--print-debug", "--privkey-pem",
               str(key), "--output", str(target), str(source)).decode()
    parts = [re.search(f"== {part} data - start buffer:\n(.*?)\n== {part} data - end buffer", said, re.S)
             for part in ("PreDigest", "PreSigned")]
    return target.read_bytes(), [part.group(1).encode() for part in parts]


def signed_by_sm2(folder, template, key, wrapped, canonical, is_raw):
    message, info = canonical
    digest = base64.b64encode(run("openssl", "dgst", "-sm3", "-binary", input=message)).decode()
    for old, new in [(DSIG + "rsa-sha1", CUSTOMS + "sm2-sm3"), (DSIG + "sha1", CUSTOMS + "sm3")]:
        info, template = info.replace(old.encode(), new.encode()), template.replace(old, new)
    info = re.sub(rb"(<ds:DigestValue>)[^<]*", rb"\1" + digest.encode(), info)
    (folder / "info").write_bytes(info)
    value = run("openssl", "pkeyutl", "-sign", "-inkey", str(key), "-rawin", "-digest", "sm3", "-in",
                str(folder / "info"), "-pkeyopt", "distid:1234567812345678")
    if is_raw:
        numbers = re.findall(r"INTEGER +:([0-9A-F]+)", run("openssl", "asn1parse", "-inform", "DER", input=value).decode())
        value = b"".join(bytes.fromhex(number.zfill(64)) for number in numbers)
    filled = [("<ds:DigestValue/>", f"<ds:DigestValue>{digest}</ds:DigestValue>"),
              ("<ds:SignatureValue/>", f"<ds:SignatureValue>{lines(base64.b64encode(value).decode())}</ds:SignatureValue>"),
              ("<ds:X509Certificate/>", f"<ds:X509Certificate>{wrapped}</ds:X509Certificate>")]
    for empty, full in filled:
        template = template.replace(empty, full)
    return template.encode()


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rsa = certificate(folder, "rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        sm2 = certificate(folder, "sm2", "-algorithm", "SM2")
        for kind, text in (("plain", PLAIN), ("odd", ODD)):
            template = text.replace("SIGNATURE", SIGNATURE)
            signed, canonical = by_xmlsec(folder, template, rsa[0], rsa[1], lines(rsa[2]))
            (HERE / f"rsa-{kind}.xml").write_bytes(signed)
            made = signed_by_sm2(folder, template, sm2[0], lines(sm2[2]), canonical, kind == "plain")
            (HERE / f"sm2-{kind}.xml").write_bytes(made)
            (HERE / f"canonical-{kind}.txt").write_bytes(canonical[0])
        for kind, (_, crt, _) in (("rsa", rsa), ("sm2", sm2)):
            said = run("openssl", "x509", "-in", str(crt), "-noout", "-fingerprint", "-sha256").decode()
            print(kind, said.strip().split("=")[1].replace(":", "").lower())


main()
