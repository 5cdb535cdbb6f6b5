import { chromium } from '@playwright/test';
const url='http://127.0.0.1:4611';
const browser = await chromium.launch({ executablePath:'/usr/bin/chromium', args:['--no-sandbox','--disable-gpu'] });
const ctx0=await browser.newContext({storageState:'/tmp/expl-state.json'});
const hosts=(await (await ctx0.request.get(url+'/api/v1/hosts?limit=1000')).json()).items;
const h=hosts.find(x=>x.hostname==='hgx-h100-01');
const lost=hosts.find(x=>x.hostname==='dgx-a100-02');
for (const [scheme,w,hh] of [['light',1440,900],['dark',390,844]]) {
  const ctx=await browser.newContext({storageState:'/tmp/expl-state.json',colorScheme:scheme,viewport:{width:w,height:hh}});
  const p=await ctx.newPage(); p.on('pageerror',e=>console.log('ERR',e.message)); p.on('console',m=>{if(m.type()==='error')console.log('CONSOLE',m.text())});
  await p.goto(url+'/hosts/'+h.id); await p.waitForTimeout(2500);
  const open=async (sel,name)=>{ await p.locator(sel).first().click(); await p.getByTestId('origin').waitFor(); await p.waitForTimeout(2500); await p.screenshot({path:`/tmp/expl-shots/pop-${name}-${w}.png`}); console.log(name, await p.getByTestId('origin').innerText()); await p.keyboard.press('Escape'); await p.waitForTimeout(300); console.log('focus', await p.evaluate(()=>document.activeElement?.getAttribute('data-origin')), await p.getByTestId('origin').count()); };
  const t=Date.now();
  await open('[data-origin="power.drawWatts"]','power');
  await open('[data-origin="unattributed"]','unattr');
  await open('[data-origin="kernelDriverVersion"]','driver');
  await open('[data-origin="owner"]','owner');
  await p.goto(url+'/gpus/'+h.gpus[7].uuid); await p.waitForTimeout(2500);
  await open('[data-origin="utilization.gpuRatio"]','absent');
  await open('[data-origin="energyJoules"], [data-origin="energy"]','energy');
  await open('[data-origin="ecc.volatile.correctable"]','ecc');
  await p.getByTitle(/^Export/).first().click(); await p.waitForTimeout(500); await p.screenshot({path:`/tmp/expl-shots/export-${w}.png`});
  await ctx.close();
}
await browser.close();
